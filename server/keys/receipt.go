package keys

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"strings"

	"ret/shared/fault"
)

// The key that signs receipts lies beside the master key, and the public one that
// checks them beside that, for everybody to read.
const (
	receiptSuffix = ".receipt"
	publicSuffix  = ".receipt.pub"

	receiptPrefix = "ret-receipt-key-1:"
	publicPrefix  = "ret-receipt-public-1:"
)

// Receipt returns the key that signs receipts, and makes it where there is none.
func Receipt(masterFile string) (ed25519.PrivateKey, error) {
	file := masterFile + receiptSuffix
	seed, err := readReceiptKey(file)
	if errors.Is(err, fs.ErrNotExist) {
		fresh := make([]byte, ed25519.SeedSize)
		_, _ = rand.Read(fresh) // never fails
		err = writeOnce(file, []byte(receiptPrefix+base64.RawStdEncoding.EncodeToString(fresh)+"\n"))
		if err == nil {
			seed, err = readReceiptKey(file)
		}
	}
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "The key for receipts in %s cannot be used: %s", file, reason(err))
	}
	key := ed25519.NewKeyFromSeed(seed)
	public := publicPrefix + base64.RawStdEncoding.EncodeToString(key.Public().(ed25519.PublicKey)) + "\n"
	if had, err := os.ReadFile(masterFile + publicSuffix); err == nil && string(had) == public {
		return key, nil
	}
	if err := os.WriteFile(masterFile+publicSuffix, []byte(public), 0o644); err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "The public key for receipts cannot be written to %s: %s", masterFile+publicSuffix, reason(err))
	}
	return key, nil
}

func readReceiptKey(file string) ([]byte, error) {
	return readEncoded(file, receiptPrefix, ed25519.SeedSize)
}

// PublicFile is where the key lies that checks receipts.
func PublicFile(masterFile string) string { return masterFile + publicSuffix }

// ReadPublic reads the key that checks receipts.
func ReadPublic(file string) (ed25519.PublicKey, error) {
	key, err := readEncoded(file, publicPrefix, ed25519.PublicKeySize)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The key that checks receipts cannot be read from %s: %s Name its file by --key.", file, reason(err))
	}
	return key, nil
}

// readEncoded reads a file that holds a prefix and size bytes.
func readEncoded(file, prefix string, size int) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	encoded, ok := strings.CutPrefix(strings.TrimSpace(string(text)), prefix)
	key, err := base64.RawStdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(key) != size {
		return nil, errors.New("it holds no such key")
	}
	return key, nil
}
