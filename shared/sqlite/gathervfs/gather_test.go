package gathervfs

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/ncruces/go-sqlite3/vfs"
)

// memory is a file in memory that counts its writes and fails when told to.
type memory struct {
	vfs.File
	content []byte
	writes  int
	full    bool
}

var errFull = errors.New("full")

func (m *memory) WriteAt(p []byte, at int64) (int, error) {
	if m.full {
		return 0, errFull
	}
	m.writes++
	if end := int(at) + len(p); end > len(m.content) {
		m.content = append(m.content, make([]byte, end-len(m.content))...)
	}
	return copy(m.content[at:], p), nil
}

func (m *memory) ReadAt(p []byte, at int64) (int, error) { return copy(p, m.content[at:]), nil }
func (m *memory) Sync(vfs.SyncFlag) error                { return nil }
func (m *memory) Size() (int64, error)                   { return int64(len(m.content)), nil }
func (m *memory) Truncate(size int64) error              { m.content = m.content[:size]; return nil }
func (m *memory) Close() error                           { return nil }

// Whatever is written, read, cut off and synced in whatever order, the file below is
// what it would be without gathering, whenever somebody can look at it.
func TestNothingIsLostOrMoved(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		below := &memory{}
		l := &log{File: below, blocks: &blocks{}}
		var want []byte
		for range 200 {
			switch random.IntN(12) {
			case 0:
				if err := l.Sync(0); err != nil || !bytes.Equal(below.content, want) {
					t.Fatalf("seed %d: what is synced is not what was written: %v", seed, err)
				}
			case 1:
				size := random.IntN(len(want) + 1)
				if err := l.Truncate(int64(size)); err != nil {
					t.Fatal(err)
				}
				want = want[:size]
			case 2:
				if size, err := l.Size(); err != nil || int(size) != len(want) {
					t.Fatalf("seed %d: %d bytes of %d: %v", seed, size, len(want), err)
				}
			case 3:
				got := make([]byte, random.IntN(len(want)+1))
				at := random.IntN(len(want) - len(got) + 1)
				if _, err := l.ReadAt(got, int64(at)); err != nil || !bytes.Equal(got, want[at:at+len(got)]) {
					t.Fatalf("seed %d: reads something else: %v", seed, err)
				}
			default:
				p := make([]byte, 1+random.IntN(5000))
				for i := range p {
					p[i] = byte(random.Uint32())
				}
				at := len(want)
				if random.IntN(4) == 0 {
					at = random.IntN(len(want) + 1)
				}
				if _, err := l.WriteAt(p, int64(at)); err != nil {
					t.Fatal(err)
				}
				want = append(want[:at], append(p, want[min(len(want), at+len(p)):]...)...)
			}
		}
	}
}

// A commit is one write and what follows its sync, which begin where a block does; one
// that fails is forgotten.
func TestOneWriteForEachSync(t *testing.T) {
	below := &memory{}
	l := &log{File: below, blocks: &blocks{}}
	at := int64(0)
	commit := func() error {
		for range 5 {
			for _, n := range []int{24, 4096} {
				if _, err := l.WriteAt(make([]byte, n), at); err != nil {
					return err
				}
				at += int64(n)
			}
		}
		return l.Sync(0)
	}
	for i := range 10 {
		if err := commit(); err != nil || below.writes != 1+i*(1+afterSync) || l.from%block != 0 {
			t.Fatalf("commit %d: %d writes, the next from %d: %v", i, below.writes, l.from, err)
		}
	}
	below.full = true
	if err := commit(); !errors.Is(err, errFull) {
		t.Errorf("a full disk: %v", err)
	}
	if below.full = false; l.Sync(0) != nil || below.writes != 1+9*(1+afterSync) {
		t.Errorf("what has failed was written all the same")
	}
}

// inHalves is a file that writes in two steps, between which others come.
type inHalves struct {
	memory
	halfway func()
}

func (f *inHalves) WriteAt(p []byte, at int64) (int, error) {
	n, err := f.memory.WriteAt(p[:len(p)/2], at)
	if err != nil {
		return n, err
	}
	f.halfway()
	m, err := f.memory.WriteAt(p[len(p)/2:], at+int64(n))
	return n + m, err
}

// Whoever reads the end of a commit finds it whole, while the block in which it is is
// written again with what follows.
func TestBlocksAreReadWhole(t *testing.T) {
	below, shared := &inHalves{halfway: func() {}}, &blocks{}
	writer, reader := &log{File: below, blocks: shared}, &log{File: below, blocks: shared}
	write := func(generation byte) {
		if _, err := writer.WriteAt(bytes.Repeat([]byte{generation}, block), 0); err != nil {
			t.Error(err)
		}
		if err := writer.Sync(0); err != nil {
			t.Error(err)
		}
	}
	write(1)
	read := make(chan []byte, 1)
	below.halfway = func() {
		go func() {
			got := make([]byte, block)
			if _, err := reader.ReadAt(got, 0); err != nil {
				t.Error(err)
			}
			read <- got
		}()
		for range 1000 { // the reader has its turn, or waits for its own
			runtime.Gosched()
			if len(read) > 0 {
				return
			}
		}
	}
	write(2)
	if got := <-read; got[0] != got[block-1] {
		t.Errorf("half of %d and half of %d was read", got[0], got[block-1])
	}
}

// What is known of logs ends with the connections to them.
func TestNothingIsKeptOfClosedLogs(t *testing.T) {
	g := Wrap(nil).(*gather)
	one, other, another := g.use("a"), g.use("a"), g.use("b")
	if one != other || one == another {
		t.Error("connections to one log do not wait for each other")
	}
	g.leave("a")
	if g.leave("b"); g.blocks["a"] != one {
		t.Error("a log that is open is forgotten")
	}
	if g.leave("a"); len(g.blocks) != 0 {
		t.Errorf("kept: %v", g.blocks)
	}
}
