package receipt_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	mrand "math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"ret/server/receipt"
	"ret/server/store"
	"ret/shared/sqlite"
)

// chain gives out n receipts and returns them with the key that checks them, and the
// log as it is printed.
func chain(t *testing.T, n int) (list []receipt.Receipt, public ed25519.PublicKey, log [][]byte) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(filepath.Join(t.TempDir(), "central.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	signer := receipt.NewSigner(private)
	for i := range n {
		r := receipt.Receipt{
			SessionID: "0190a0a0-0000-7000-8000-00000000000" + string(rune('0'+i)), Files: int64(i), Bytes: 5, KeyDestroyed: true,
			At: time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC), Unknown: i == 2,
		}
		if i > 0 {
			r.Uploads = []string{receipt.Upload(r.SessionID, "00ff")}
		}
		if err := db.Write(t.Context(), func(c *sqlite.Conn) error { return signer.Add(c, &r) }); err != nil {
			t.Fatal(err)
		}
		list = append(list, r)
	}
	err = receipt.Log(t.Context(), db, func(text []byte) error {
		log = append(log, bytes.Clone(text))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list, public, log
}

func lines(log ...[]byte) []byte { return append(bytes.Join(log, []byte("\n")), '\n') }

// Real receipts are right: by themselves, in the answer to a sign-out, as the log.
func TestRealReceiptsAreRight(t *testing.T) {
	list, key, log := chain(t, 4)
	for i, r := range list {
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var indented bytes.Buffer
		_ = json.Indent(&indented, text, "", "  ")
		for _, document := range [][]byte{text, log[i], indented.Bytes()} {
			if n, err := receipt.Check(document, key); n != 1 || err != nil {
				t.Errorf("receipt %d: %v", i, err)
			}
		}
	}
	answer, err := json.Marshal(map[string]any{"receipts": []receipt.Receipt{list[0], list[2]}})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := receipt.Check(answer, key); n != 2 || err != nil {
		t.Errorf("the answer to a sign-out: %v", err)
	}
	if n, err := receipt.Check(lines(log...), key); n != 4 || err != nil {
		t.Errorf("the log: %v", err)
	}
}

// One bit changed, anywhere, and a receipt is refused.
func TestEachBitCounts(t *testing.T) {
	_, key, log := chain(t, 3)
	for document, every := range map[string]int{string(log[0]): 1, string(log[2]): 1, string(lines(log...)): 7} {
		for bit := 0; bit < 8*(len(document)-1); bit += every { // but the last line feed
			changed := []byte(document)
			changed[bit/8] ^= 1 << (bit % 8)
			if _, err := receipt.Check(changed, key); err == nil {
				t.Fatalf("byte %d, bit %d: accepted %q for %q", bit/8, bit%8, changed[bit/8], document[bit/8])
			}
		}
	}
}

// A receipt left out of the log, added or moved is noticed; at its end only by who
// knows that there was another.
func TestChain(t *testing.T) {
	_, key, log := chain(t, 5)
	for i := range 4 {
		without := append(append([][]byte{}, log[:i]...), log[i+1:]...)
		if _, err := receipt.Check(lines(without...), key); err == nil {
			t.Errorf("receipt %d is left out, and nobody notices", i)
		}
	}
	for range 20 {
		moved := append([][]byte{}, log...)
		i := mrand.IntN(4)
		moved[i], moved[i+1] = moved[i+1], moved[i]
		if _, err := receipt.Check(lines(moved...), key); err == nil {
			t.Errorf("receipts %d and %d changed places, and nobody notices", i, i+1)
		}
	}
	if _, err := receipt.Check(lines(append(log, log[4])...), key); err == nil {
		t.Error("a receipt stands twice, and nobody notices")
	}
	other, _, _ := ed25519.GenerateKey(rand.Reader)
	if _, err := receipt.Check(log[0], other); err == nil {
		t.Error("another key checks it")
	}
}
