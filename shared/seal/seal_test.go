package seal_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"ret/shared/seal"
)

func sealed(t *testing.T, key *seal.Key, plain, bound []byte) []byte {
	t.Helper()
	var to bytes.Buffer
	w, err := key.NewWriter(&to, bound)
	if err != nil {
		t.Fatal(err)
	}
	for rest := plain; len(rest) > 0; {
		n := min(len(rest), 1+rand.IntN(2*seal.Chunk))
		if _, err := w.Write(rest[:n]); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return to.Bytes()
}

// read opens a part and reads all of it.
func read(key *seal.Key, b, bound []byte) ([]byte, error) {
	p, err := key.Open(bytes.NewReader(b), int64(len(b)), bound)
	if err != nil {
		return nil, err
	}
	plain := make([]byte, p.Size())
	_, err = io.ReadFull(io.NewSectionReader(p, 0, p.Size()), plain)
	return plain, err
}

func content(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return b
}

// Lengths on both sides of the borders of chunks.
var lengths = []int{0, 1, 100, seal.Chunk - 1, seal.Chunk, seal.Chunk + 1, 2 * seal.Chunk, 3*seal.Chunk + 7, 11*seal.Chunk + 5}

// What was sealed comes back, from any place, and its length is known from that of
// what is stored.
func TestRoundTrip(t *testing.T) {
	key := seal.NewKey()
	for _, n := range lengths {
		plain := content(n)
		b := sealed(t, key, plain, []byte("here"))
		if size, ok := seal.PlainSize(int64(len(b))); !ok || size != int64(n) {
			t.Errorf("%d bytes are taken for %d", n, size)
		}
		got, err := read(key, b, []byte("here"))
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%d bytes: %v", n, err)
		}
		p, err := key.Open(bytes.NewReader(b), int64(len(b)), []byte("here"))
		if err != nil {
			t.Fatal(err)
		}
		for range 50 {
			from, buffer := rand.IntN(n+2), make([]byte, rand.IntN(7*seal.Chunk))
			got, err := p.ReadAt(buffer, int64(from))
			want := plain[min(from, n):min(from+len(buffer), n)]
			if !bytes.Equal(buffer[:got], want) || err != nil && !errors.Is(err, io.EOF) || (got < len(buffer)) != (err != nil) {
				t.Fatalf("%d of %d bytes at %d: %d, %v", len(buffer), n, from, got, err)
			}
		}
	}
}

// One bit changed anywhere, a byte more or less, another key, another place: it is
// noticed.
func TestDamageIsNoticed(t *testing.T) {
	key := seal.NewKey()
	for _, n := range lengths {
		b := sealed(t, key, content(n), []byte("here"))
		wrong := map[string]func() ([]byte, error){
			"another key":  func() ([]byte, error) { return read(seal.NewKey(), b, []byte("here")) },
			"elsewhere":    func() ([]byte, error) { return read(key, b, []byte("there")) },
			"a byte more":  func() ([]byte, error) { return read(key, append(b[:len(b):len(b)], 0), []byte("here")) },
			"one chunk":    func() ([]byte, error) { return read(key, b[:min(len(b)-1, 32+seal.Chunk+16)], []byte("here")) },
			"a byte less":  func() ([]byte, error) { return read(key, b[:len(b)-1], []byte("here")) },
			"without tail": func() ([]byte, error) { return read(key, b[:len(b)-16], []byte("here")) },
		}
		for range 40 {
			bit := rand.IntN(8 * len(b))
			wrong["a bit"] = func() ([]byte, error) {
				changed := bytes.Clone(b)
				changed[bit/8] ^= 1 << (bit % 8)
				return read(key, changed, []byte("here"))
			}
			for what, try := range wrong {
				if _, err := try(); !errors.Is(err, seal.ErrDamaged) {
					t.Fatalf("%d bytes, %s: %v", n, what, err)
				}
			}
		}
	}
}

// Once the key is destroyed, what is open reads and writes nothing more.
func TestDestroy(t *testing.T) {
	key := seal.NewKey()
	b := sealed(t, key, content(100), nil)
	p, err := key.Open(bytes.NewReader(b), int64(len(b)), nil)
	if err != nil {
		t.Fatal(err)
	}
	w, err := key.NewWriter(io.Discard, nil)
	if err != nil {
		t.Fatal(err)
	}
	key.Destroy()
	key.Destroy()
	_, readErr := p.ReadAt(make([]byte, 1), 0)
	_, writeErr := w.Write([]byte("x"))
	_, openErr := key.Open(bytes.NewReader(b), int64(len(b)), nil)
	_, deriveErr := key.Derive("database")
	for what, err := range map[string]error{"read": readErr, "write": writeErr, "close": w.Close(), "open": openErr, "derive": deriveErr} {
		if !errors.Is(err, seal.ErrDestroyed) {
			t.Errorf("%s with a destroyed key: %v", what, err)
		}
	}
}

// No two parts, even of the same content, have anything in common but the mark.
func TestPartsDiffer(t *testing.T) {
	key := seal.NewKey()
	plain := bytes.Repeat([]byte("canary "), 1000)
	a, b := sealed(t, key, plain, nil), sealed(t, key, plain, nil)
	if bytes.Contains(a, []byte("canary")) || bytes.Equal(a[8:32], b[8:32]) || bytes.Equal(a[32:64], b[32:64]) {
		t.Error("something of the content or of another part shows")
	}
}

// counted counts what is read.
type counted struct {
	io.ReaderAt
	bytes, calls int
}

func (c *counted) ReadAt(b []byte, at int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(b, at)
	c.bytes += n
	c.calls++
	return n, err
}

// Of a part no chunk is read, and decrypted, that is not asked for; and four chunks take one
// call of the reader below, or two where the last of them stands alone.
func TestNothingIsReadInVain(t *testing.T) {
	key, plain := seal.NewKey(), content(9*seal.Chunk)
	b := sealed(t, key, plain, nil)
	from := &counted{ReaderAt: bytes.NewReader(b)}
	p, err := key.Open(from, int64(len(b)), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []struct{ at, bytes, chunks int }{
		{0, seal.Chunk, 1},
		{seal.Chunk, 2 * seal.Chunk, 2},
		{3 * seal.Chunk, 2 * seal.Chunk, 2},
		{100, seal.Chunk - 100, 1},
		{100, seal.Chunk, 2},
		{100, 0, 0},
		{0, 4 * seal.Chunk, 4},
		{seal.Chunk, 8 * seal.Chunk, 8},
		{7, 9*seal.Chunk - 7, 9},
	} {
		from.bytes, from.calls = 0, 0
		got := make([]byte, r.bytes)
		if n, err := p.ReadAt(got, int64(r.at)); n != r.bytes || err != nil || !bytes.Equal(got, plain[r.at:r.at+r.bytes]) {
			t.Fatalf("%+v: %d, %v", r, n, err)
		}
		if most := r.chunks*(seal.Chunk+16) + 1; from.bytes > most {
			t.Errorf("%+v: %d bytes are read", r, from.bytes)
		}
		if most := 1 + (r.chunks+3)/4; from.calls > most {
			t.Errorf("%+v: the reader below is called %d times", r, from.calls)
		}
	}
}
