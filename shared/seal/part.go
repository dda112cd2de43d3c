package seal

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/google/uuid"
	sio "github.com/secure-io/sio-go"

	"ret/shared/fault"
)

const (
	// Chunk is how much content is encrypted together, and the least that is read to
	// know a byte of it.
	Chunk = 16 << 10

	// headerSize is the mark and the salt that a part begins with.
	headerSize = 32
)

// ErrDamaged says that a part is not what was sealed: its bytes have changed, or its
// end is missing, or it was sealed with another key or as something else.
var ErrDamaged = fault.New(fault.Damaged, "What is stored of this is not what was stored: the server's disk has lost or changed some of it. Upload the file again, or tell whoever runs this server.")

// Salt makes a part's key its own. It is random, and no secret.
type Salt [headerSize - len(mark)]byte

// ID is a name in the form of a UUID that says which salts are meant, in their order:
// who finds content under a name can tell whether it is what was stored there.
func ID(salts ...Salt) string {
	sum := sha256.New()
	for _, s := range salts {
		sum.Write(s[:])
	}
	id, _ := uuid.FromBytes(sum.Sum(nil)[:16]) // 16 bytes always are one
	id[6] = id[6]&0x0f | 0x80                  // version 8: made in a way of one's own
	id[8] = id[8]&0x3f | 0x80
	return id.String()
}

// Writer seals what is written to it. It is used by one goroutine at a time.
type Writer struct {
	key    *Key
	salt   Salt
	to     io.WriteCloser
	header func() error // writes it, nil once that is done
}

// NewWriter begins a part. bound is what the part must be opened with again; it is
// not stored. Nothing is written before the first Write or Close.
func (k *Key) NewWriter(w io.Writer, bound []byte) (*Writer, error) {
	s := &Writer{key: k}
	_, _ = rand.Read(s.salt[:]) // never fails
	encrypt, err := k.cipher(s.salt)
	if err != nil {
		return nil, err
	}
	s.header = func() error {
		_, err := w.Write(append(mark[:], s.salt[:]...))
		return err
	}
	s.to = encrypt.writer(w, bound)
	return s, nil
}

// Salt is the part's.
func (s *Writer) Salt() Salt { return s.salt }

// Write seals p. Its errors are those of the writer below, and ErrDestroyed.
func (s *Writer) Write(p []byte) (int, error) {
	return s.key.living(func() (int, error) {
		if err := s.begin(); err != nil {
			return 0, err
		}
		return s.to.Write(p)
	})
}

// Close writes the part's end, without which it is damaged. It does not close the
// writer below.
func (s *Writer) Close() error {
	_, err := s.key.living(func() (int, error) {
		if err := s.begin(); err != nil {
			return 0, err
		}
		return 0, s.to.Close()
	})
	return err
}

func (s *Writer) begin() error {
	if s.header == nil {
		return nil
	}
	header := s.header
	s.header = nil
	return header()
}

// Part is a sealed part that is open for reading. It may be used concurrently.
type Part struct {
	key     *Key
	salt    Salt
	size    int64
	sealed  io.ReaderAt // without the header
	openers sync.Pool   // of opener
}

// Open opens a part of size bytes, header and all. ErrDamaged if it cannot be one;
// what else has changed in it is found when it is read.
func (k *Key) Open(r io.ReaderAt, size int64, bound []byte) (*Part, error) {
	var header [headerSize]byte
	plain, ok := PlainSize(size)
	if !ok {
		return nil, ErrDamaged
	}
	if _, err := r.ReadAt(header[:], 0); err != nil {
		return nil, fmt.Errorf("read header: %w", err)
	}
	if [len(mark)]byte(header[:]) != mark {
		return nil, ErrDamaged
	}
	p := &Part{key: k, salt: Salt(header[len(mark):]), size: plain}
	cipher, err := k.cipher(p.salt)
	if err != nil {
		return nil, err
	}
	p.sealed = io.NewSectionReader(r, headerSize, size-headerSize)
	p.openers.New = func() any { return newOpener(cipher, bound) }
	if plain == 0 {
		err = p.checkEmpty()
	}
	return p, err
}

// Salt is the part's.
func (p *Part) Salt() Salt { return p.salt }

// Size is how long the content is.
func (p *Part) Size() int64 { return p.size }

// ReadAt implements io.ReaderAt. Its errors are ErrDamaged, ErrDestroyed and those of
// the reader below.
func (p *Part) ReadAt(b []byte, at int64) (int, error) {
	if at < 0 {
		return 0, errNegative
	}
	if at >= p.size {
		return 0, io.EOF
	}
	if len(b) == 0 {
		return 0, nil
	}
	want := b[:min(int64(len(b)), p.size-at)]
	n, err := p.decrypt(p.sealed, want, at)
	if n < len(b) && err == nil {
		err = io.EOF
	}
	return n, err
}

// decrypt fills b, which is not empty and ends within the part, from a place of what is
// stored. What ends before is damaged.
func (p *Part) decrypt(stored io.ReaderAt, b []byte, at int64) (int, error) {
	n, err := p.key.living(func() (int, error) { return p.open(stored, b, at) })
	if n == len(b) && (err == nil || errors.Is(err, io.EOF) || errors.Is(err, errEnough)) {
		return n, nil
	}
	// What ends early is as wrong as what cannot be opened.
	if errors.Is(err, sio.NotAuthentic) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = ErrDamaged
	}
	return 0, err
}

func (p *Part) open(stored io.ReaderAt, b []byte, at int64) (int, error) {
	o := p.openers.Get().(*opener)
	defer p.openers.Put(o)
	last := (at + int64(len(b)) - 1) / Chunk
	o.stored.begin(stored, (last+1)*(Chunk+tagSize)+1)
	return o.decrypted.ReadAt(b, at)
}

// opener decrypts of what is stored no more than is asked for. It is used by one at a time.
type opener struct {
	stored    enough
	decrypted io.ReaderAt
}

func newOpener(cipher partCipher, bound []byte) *opener {
	o := &opener{}
	o.decrypted = cipher.reader(&o.stored, bound)
	return o
}

// enough is what is stored up to an end: that of the last chunk that is wanted, and a byte
// more, by which it is known not to be the part's last. Where sio has filled what it was given
// it goes on to read, and to decrypt, one chunk more. And where sio asks for a chunk at a time,
// several are read at once, since each reading is a call of the system.
type enough struct {
	stored io.ReaderAt
	end    int64
	ahead  readAlready // at once
}

// aheadBytes is how much is read at once: some chunks, and a byte by which the last is
// known not to be the part's last.
const aheadBytes = 4*(Chunk+tagSize) + 1

var errEnough = errors.New("more is not wanted")

func (e *enough) begin(stored io.ReaderAt, end int64) {
	e.stored, e.end, e.ahead.content = stored, end, e.ahead.content[:0]
}

// ReadAt implements io.ReaderAt.
func (e *enough) ReadAt(b []byte, at int64) (int, error) {
	if at >= e.end {
		return 0, errEnough
	}
	want := b[:min(int64(len(b)), e.end-at)]
	n, err := e.read(want, at)
	if err == nil && n < len(b) {
		err = errEnough
	}
	return n, err
}

// read fills b, which ends before what is wanted does.
func (e *enough) read(b []byte, at int64) (n int, err error) {
	for n < len(b) && err == nil {
		place := at + int64(n)
		if got := e.ahead.take(b[n:], place); got > 0 {
			n += got
			continue
		}
		left := e.end - place
		if left <= int64(len(b)-n) { // nothing is asked for after it
			got, err := e.stored.ReadAt(b[n:], place)
			return n + got, err
		}
		if e.ahead.content == nil {
			e.ahead.content = make([]byte, 0, aheadBytes)
		}
		var got int
		got, err = e.stored.ReadAt(e.ahead.content[:min(left, aheadBytes)], place)
		e.ahead = readAlready{e.ahead.content[:got], place}
		if got > 0 && errors.Is(err, io.EOF) {
			err = nil // of what lies behind what b takes, maybe
		}
	}
	return n, err
}

// checkEmpty reads the only chunk of an empty part, which no read ever comes to.
func (p *Part) checkEmpty() error {
	_, err := p.key.living(func() (int, error) { return p.open(p.sealed, make([]byte, 1), 0) })
	if errors.Is(err, sio.NotAuthentic) {
		return ErrDamaged
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// PlainSize is how long the content of a part is that takes size bytes; not ok if no
// part takes as many.
func PlainSize(size int64) (plain int64, ok bool) {
	sealed := size - headerSize
	if sealed < tagSize {
		return 0, false
	}
	chunks := (sealed + Chunk + tagSize - 1) / (Chunk + tagSize)
	plain = sealed - chunks*tagSize
	// The last chunk is empty only where it is the only one.
	if plain < 0 || chunks > 1 && plain <= (chunks-1)*Chunk {
		return 0, false
	}
	return plain, true
}

var errNegative = errors.New("negative offset")
