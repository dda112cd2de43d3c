package keys_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ret/server/keys"
	"ret/shared/fault"
	"ret/shared/seal"
)

func open(t *testing.T, file string, mayMake bool) *keys.Master {
	t.Helper()
	m, err := keys.Open(file, mayMake)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func secretOf(t *testing.T, k *seal.Key) (secret [seal.KeySize]byte) {
	t.Helper()
	if err := k.Use(func(b []byte) error { copy(secret[:], b); return nil }); err != nil {
		t.Fatal(err)
	}
	return secret
}

func wrap(t *testing.T, m *keys.Master, secret [seal.KeySize]byte) []byte {
	t.Helper()
	wrapped, err := m.Wrap("one", secret[:])
	if err != nil {
		t.Fatal(err)
	}
	return wrapped
}

// A key comes back for its own session alone, and not once a bit of it has changed.
func TestWrap(t *testing.T) {
	m := open(t, filepath.Join(t.TempDir(), "ret", "master.key"), true)
	secret := secretOf(t, seal.NewKey())
	wrapped := wrap(t, m, secret)
	if len(wrapped) != keys.WrappedSize || strings.Contains(string(wrapped), string(secret[:8])) {
		t.Fatalf("wrapped as %d bytes", len(wrapped))
	}
	key, err := m.Unwrap("one", wrapped)
	if err != nil || secretOf(t, key) != secret {
		t.Fatalf("another key comes back: %v", err)
	}
	if _, err := m.Unwrap("two", wrapped); !errors.Is(err, seal.ErrDamaged) {
		t.Errorf("for another session: %v", err)
	}
	for bit := range 8 * len(wrapped) {
		wrapped[bit/8] ^= 1 << (bit % 8)
		if _, err := m.Unwrap("one", wrapped); err == nil {
			t.Fatalf("bit %d is changed, and nobody notices", bit)
		}
		wrapped[bit/8] ^= 1 << (bit % 8)
	}
}

// A file that is missing, others may read or that holds something else is told by its
// name; nothing is made over it.
func TestWrongMasterKeyFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return file
	}
	good := filepath.Join(dir, "good")
	open(t, good, true)
	text, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for what, file := range map[string]string{
		"missing":       filepath.Join(dir, "missing"),
		"empty":         write("empty", "", 0o600),
		"another text":  write("text", "hello", 0o600),
		"for all":       write("open", string(text), 0o644),
		"a byte less":   write("short", string(text[:len(text)-3]), 0o600),
		"not a regular": dir,
	} {
		_, err := keys.Open(file, false)
		if err == nil || !strings.Contains(fault.Message(err), file) || !strings.Contains(fault.Message(err), "RET_MASTER_KEY_FILE") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if info, err := os.Stat(good); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("made as %v: %v", info, err)
	}
}

// Several servers that start at once have one key.
func TestMadeOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "master.key")
	secret := secretOf(t, seal.NewKey())
	wrapped := make([][]byte, 8)
	var all sync.WaitGroup
	for i := range wrapped {
		all.Go(func() {
			if m, err := keys.Open(file, true); err == nil {
				wrapped[i], _ = m.Wrap("one", secret[:])
			}
		})
	}
	all.Wait()
	m := open(t, file, false)
	for i, w := range wrapped {
		if _, err := m.Unwrap("one", w); err != nil {
			t.Errorf("server %d: %v", i, err)
		}
	}
}

// While the master key is exchanged, and wherever that is cut off, both who was there
// before and who comes then open everything; the old key opens nothing afterwards.
func TestRotate(t *testing.T) {
	file := filepath.Join(t.TempDir(), "master.key")
	server := open(t, file, true)
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	secret := secretOf(t, seal.NewKey())
	before := wrap(t, server, secret)
	check := func(when string, wrapped ...[]byte) {
		for _, m := range []*keys.Master{server, open(t, file, false)} {
			for _, w := range wrapped {
				if k, err := m.Unwrap("one", w); err != nil || secretOf(t, k) != secret {
					t.Fatalf("%s: %v", when, err)
				}
			}
		}
	}
	if _, err := keys.Rotate(file); err != nil { // cut off at once
		t.Fatal(err)
	}
	check("begun", before)
	rotation, err := keys.Rotate(file)
	if err != nil {
		t.Fatal(err)
	}
	after, needed, err := rotation.Rewrap("one", before)
	if err != nil || !needed {
		t.Fatal(needed, err)
	}
	if _, needed, err := rotation.Rewrap("one", after); needed || err != nil {
		t.Errorf("wrapped twice: %v", err)
	}
	check("half done", before, after)
	if err := rotation.Finish(); err != nil {
		t.Fatal(err)
	}
	check("done", after, wrap(t, server, secret))
	if _, err := open(t, file, false).Unwrap("one", before); !errors.Is(err, keys.ErrOther) {
		t.Errorf("the new key opens what the old one wrapped: %v", err)
	}
	if now, err := os.ReadFile(file); err != nil || string(now) == string(old) {
		t.Errorf("the old key is still there: %v", err)
	}
}

// A rotation that ended between overwriting the old key and naming the new one is
// ended by who comes next.
func TestRotationCutOffAtTheLastStep(t *testing.T) {
	file := filepath.Join(t.TempDir(), "master.key")
	open(t, file, true)
	rotation, err := keys.Rotate(file)
	if err != nil {
		t.Fatal(err)
	}
	secret := secretOf(t, seal.NewKey())
	wrapped := wrap(t, rotation.Master, secret)
	if err := os.WriteFile(file, []byte("noise"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, file, false).Unwrap("one", wrapped); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(file + ".next"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the new key lies in two places: %v", err)
	}
}
