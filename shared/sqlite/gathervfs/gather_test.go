package gathervfs

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/ncruces/go-sqlite3/vfs"
)

// disk is a file in memory that counts what is done to it and fails when told to.
type disk struct {
	vfs.File
	content []byte
	reads   int
	writes  int
	full    bool
}

var errFull = errors.New("full")

func (m *disk) WriteAt(p []byte, at int64) (int, error) {
	if m.full {
		return 0, errFull
	}
	m.writes++
	if end := int(at) + len(p); end > len(m.content) {
		m.content = append(m.content, make([]byte, end-len(m.content))...)
	}
	return copy(m.content[at:], p), nil
}

func (m *disk) ReadAt(p []byte, at int64) (int, error) {
	m.reads++
	n := copy(p, m.content[min(int(at), len(m.content)):])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (m *disk) Sync(vfs.SyncFlag) error   { return nil }
func (m *disk) Size() (int64, error)      { return int64(len(m.content)), nil }
func (m *disk) Truncate(size int64) error { m.content = m.content[:size]; return nil }
func (m *disk) Close() error              { return nil }

// Whatever is written, read, cut off and synced in whatever order, the file below is
// what it would be without gathering, whenever somebody can look at it.
func TestNothingIsLostOrMoved(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 1))
		below := &disk{}
		connections := logs(below, 2)
		var want []byte
		for range 200 {
			l := connections[random.IntN(2)]
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

// logs are connections to one log, which have so many in common.
func logs(below vfs.File, n int) []*log {
	s := &shared{memory: newMemory(8)}
	list := make([]*log, n)
	for i := range list {
		list[i] = &log{File: below, shared: s, leave: func() {}}
	}
	return list
}

// A commit is one write, which begins where a block does; one that fails is forgotten.
func TestOneWriteForEachSync(t *testing.T) {
	below := &disk{}
	l := logs(below, 1)[0]
	at := int64(headBytes)
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
		if err := commit(); err != nil || below.writes != 1+i || i > 0 && l.from%block != 0 {
			t.Fatalf("commit %d: %d writes, the next from %d: %v", i, below.writes, l.from, err)
		}
	}
	below.full = true
	if err := commit(); !errors.Is(err, errFull) {
		t.Errorf("a full disk: %v", err)
	}
	if below.full = false; l.Sync(0) != nil || below.writes != 10 {
		t.Errorf("what has failed was written all the same")
	}
}

// inHalves is a file that writes in two steps, between which others come.
type inHalves struct {
	disk
	halfway func()
}

func (f *inHalves) WriteAt(p []byte, at int64) (int, error) {
	n, err := f.disk.WriteAt(p[:len(p)/2], at)
	if err != nil {
		return n, err
	}
	f.halfway()
	m, err := f.disk.WriteAt(p[len(p)/2:], at+int64(n))
	return n + m, err
}

// Whoever reads the end of a commit finds it whole, while the block in which it is is
// written again with what follows.
func TestBlocksAreReadWhole(t *testing.T) {
	below := &inHalves{halfway: func() {}}
	list := logs(below, 2)
	writer, reader := list[0], list[1]
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

// What is known of files ends with the connections to them.
func TestNothingIsKeptOfClosedLogs(t *testing.T) {
	g := Wrap(nil, 8).(*gather)
	one, other, another := g.use("a"), g.use("a"), g.use("b")
	if one != other || one == another {
		t.Error("connections to one log do not wait for each other")
	}
	g.memory.keep(one, make([]byte, 2*block), 0)
	g.memory.keep(another, make([]byte, block), 0)
	g.leave("a")
	if g.leave("b"); g.files["a"] != one {
		t.Error("a log that is open is forgotten")
	}
	if g.memory.blocks.Len() != 2 {
		t.Errorf("%d blocks are remembered of a log that is open", g.memory.blocks.Len())
	}
	if g.leave("a"); len(g.files) != 0 || g.memory.blocks.Len() != 0 {
		t.Errorf("kept: %v, %d blocks", g.files, g.memory.blocks.Len())
	}
}

// The rest of the frame in the midst of which SQLite has synced belongs to a commit that
// others know of: a disk that is full later does not take it from them.
func TestEndOfACommitIsNotForgotten(t *testing.T) {
	below := &disk{}
	list := logs(below, 2)
	writer, reader := list[0], list[1]
	commit := bytes.Repeat([]byte{1}, headBytes+frameBytes)
	synced := len(commit) / block * block
	write := func(p []byte, at int) error { _, err := writer.WriteAt(p, int64(at)); return err }
	if err := errors.Join(write(commit[:synced], 0), writer.Sync(0), write(commit[synced:], synced)); err != nil {
		t.Fatal(err)
	}
	below.full = true
	if err := write(make([]byte, frameBytes), len(commit)); err != nil {
		t.Fatal(err)
	}
	if err := writer.Sync(0); !errors.Is(err, errFull) {
		t.Fatalf("a full disk: %v", err)
	}
	got := make([]byte, len(commit)-synced)
	if _, err := reader.ReadAt(got, int64(synced)); err != nil || !bytes.Equal(got, commit[synced:]) {
		t.Errorf("the end of a commit is not there: %v", err)
	}
	below.full = false
	next := bytes.Repeat([]byte{2}, frameBytes)
	if err := errors.Join(write(next, len(commit)), writer.Sync(0)); err != nil || !bytes.Equal(below.content, append(commit, next...)) {
		t.Errorf("after a full disk something else is written: %v", err)
	}
}

// Whatever two connections read and write of a database, each finds what is there; and
// what was read once, or written, is not read again.
func TestBlocksAreRemembered(t *testing.T) {
	below := &disk{content: make([]byte, 20*block)}
	s := &shared{memory: newMemory(8)}
	var list [2]*database
	for i := range list {
		list[i] = &database{File: below, shared: s, leave: func() {}, opened: true}
	}
	random := rand.New(rand.NewPCG(1, 1))
	for range 5000 {
		d, at := list[random.IntN(2)], int64(random.IntN(20))*block
		switch random.IntN(8) {
		case 0:
			below.full = random.IntN(3) == 0
			_, _ = d.WriteAt(bytes.Repeat([]byte{byte(random.Uint32())}, block), at)
			below.full = false
		case 1:
			size := int64(1+random.IntN(20)) * block
			if err := d.Truncate(min(size, int64(len(below.content)))); err != nil {
				t.Fatal(err)
			}
			below.content = append(below.content, make([]byte, 20*block-len(below.content))...)
		default:
			p := make([]byte, []int{block, 100, 16}[random.IntN(3)])
			if n, err := d.ReadAt(p, at); err != nil || n != len(p) || !bytes.Equal(p, below.content[at:at+int64(n)]) {
				t.Fatalf("something else is read: %v", err)
			}
		}
	}
	below.reads = 0
	p := make([]byte, block)
	for i := range 30 {
		if _, err := list[i%2].ReadAt(p, int64(i%3)*block); err != nil {
			t.Fatal(err)
		}
	}
	if below.reads > 3 {
		t.Errorf("three blocks are read %d times", below.reads)
	}
}

// keyed is a file that takes any key.
type keyed struct{ disk }

func (*keyed) Pragma(string, string) (string, error) { return "ok", nil }

// With another key what is remembered is not found.
func TestAnotherKeyIsRefused(t *testing.T) {
	below := &keyed{disk{content: make([]byte, block)}}
	s := &shared{memory: newMemory(8)}
	one, other := &database{File: below, shared: s}, &database{File: below, shared: s}
	if _, err := one.Pragma("hexkey", "00"); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Pragma("hexkey", "01"); err == nil {
		t.Error("another key is taken")
	}
	if other.opened {
		t.Error("it reads what is remembered")
	}
}
