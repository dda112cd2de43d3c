package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"sync"
	"time"

	"github.com/google/uuid"

	"ret/shared/fault"
	"ret/shared/seal"
)

// partial is the folder of uploads that come in pieces and are not whole yet.
const partial = "partial"

// MaxPartials is how many uploads of one session may be under way in pieces.
const MaxPartials = 1000

// Partial is an upload that comes in pieces. Whoever has its turn uses it alone,
// until Release.
type Partial struct {
	list *partials
	id   string
	turn chan struct{} // holds a token while someone has the turn

	// The list's mutex guards the rest.
	size  int64       // what was synced
	file  int64       // how long its file is then
	salts []seal.Salt // of its pieces
	used  time.Time   // when it last had a piece
	cut   func()      // makes whoever has the turn let go of it
	gone  bool        // completed or given up
}

// partials are those of one session.
type partials struct {
	root  *os.Root
	key   *seal.Key
	space *Space
	mu    sync.Mutex
	byID  map[string]*Partial
}

var errNoPartial = fault.New(fault.NotFound, "There is no such upload in this session. Begin it again at offset 0.")

// listPartials finds what earlier runs have received.
func listPartials(root *os.Root, key *seal.Key, space *Space) (*partials, error) {
	l := &partials{root: root, key: key, space: space, byID: map[string]*Partial{}}
	entries, err := fs.ReadDir(root.FS(), partial)
	if err != nil {
		return nil, fmt.Errorf("list partial uploads: %w", err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return nil, fmt.Errorf("list partial uploads: %w", err)
		}
		p := l.add(e.Name())
		if err := p.look(); err != nil {
			return nil, fmt.Errorf("list partial uploads: %w", err)
		}
		p.used = info.ModTime()
		space.give(-p.size) // it has its room, whatever the limit is now
	}
	return l, nil
}

// look finds the pieces that are whole. What of them is not what was stored is found
// when it is read.
func (p *Partial) look() error {
	file, err := p.list.root.Open(p.name())
	if err != nil {
		return classify(err)
	}
	defer func() { _ = file.Close() }()
	content, err := openContent(p.list.key, file, "")
	switch {
	case errors.Is(err, seal.ErrDamaged): // begun, and nothing of it whole
		return nil
	case err != nil:
		return err
	}
	for _, piece := range content.pieces {
		p.size += piece.Size()
		p.salts = append(p.salts, piece.Salt())
	}
	p.file = content.end
	return nil
}

func (l *partials) add(id string) *Partial {
	p := &Partial{list: l, id: id, turn: make(chan struct{}, 1), used: time.Now()}
	l.byID[id] = p
	return p
}

// PartialSize is what has arrived of an upload, or NotFound.
func (f *Folder) PartialSize(id string) (int64, error) {
	f.partials.mu.Lock()
	defer f.partials.mu.Unlock()
	if p := f.partials.byID[id]; p != nil {
		return p.size, nil
	}
	return 0, errNoPartial
}

// PartialBytes is what all unfinished uploads come to.
func (f *Folder) PartialBytes() (sum int64) {
	f.partials.mu.Lock()
	defer f.partials.mu.Unlock()
	for _, p := range f.partials.byID {
		sum += p.size
	}
	return sum
}

// TakePartial waits for the turn at an upload and begins one if create says so;
// otherwise one that is not there is NotFound. Who has the turn meanwhile is cut
// off: a client that comes again has given up on its earlier request, which may
// hang for long. cut does the same to the caller, from another goroutine. id must
// be a UUID in its usual form, as it is a name on disk.
func (f *Folder) TakePartial(ctx context.Context, id string, create bool, cut func()) (*Partial, error) {
	if u, err := uuid.Parse(id); err != nil || u.String() != id {
		return nil, errNoPartial
	}
	for {
		p, err := f.partials.ask(id, create)
		if err != nil {
			return nil, err
		}
		select {
		case p.turn <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if p.begin(cut) {
			return p, nil
		}
		<-p.turn // it ended while we waited
	}
}

// ask finds or begins an upload and cuts off who is at it.
func (l *partials) ask(id string, create bool) (*Partial, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.byID[id]
	switch {
	case p != nil:
	case !create:
		return nil, errNoPartial
	case len(l.byID) >= MaxPartials:
		return nil, fault.New(fault.TooMany, "Too many uploads of this session are under way. Finish or give up some of them first.")
	default:
		p = l.add(id)
	}
	if p.cut != nil {
		p.cut()
	}
	return p, nil
}

func (p *Partial) begin(cut func()) bool {
	p.list.mu.Lock()
	defer p.list.mu.Unlock()
	if !p.gone {
		p.cut = cut
	}
	return !p.gone
}

// Release ends the turn.
func (p *Partial) Release() {
	p.list.mu.Lock()
	p.cut = nil
	p.list.mu.Unlock()
	<-p.turn
}

// Size is what has arrived and is on disk.
func (p *Partial) Size() int64 {
	p.list.mu.Lock()
	defer p.list.mu.Unlock()
	return p.size
}

// Append adds what r brings, as a piece. What came before r failed is kept, and on
// disk, when Append returns; the error is then r's. A full disk is fault.NoSpace, a
// full session what Space.Limit says.
func (p *Partial) Append(r io.Reader) (err error) {
	file, err := p.list.root.OpenFile(p.name(), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("open partial upload: %w", classify(err))
	}
	defer func() { _ = file.Close() }() // it is synced
	p.list.mu.Lock()
	size, end, salts := p.size, p.file, p.salts
	p.list.mu.Unlock()
	// An earlier piece may have left more than was synced.
	if err := file.Truncate(end); err != nil {
		return fmt.Errorf("cut partial upload: %w", classify(err))
	}
	head := pieceHead{from: end + pieceHeadSize, at: size, piece: true}
	to := &countingWriter{to: io.NewOffsetWriter(file, head.from)}
	sealed, err := newSealedWriter(p.list.key, to, bound(head, salts))
	if err != nil {
		return fmt.Errorf("seal piece: %w", err)
	}
	piece := &pieceWriter{to: sealed, space: p.list.space}
	n, copyErr := io.Copy(piece, r)
	kept := n > 0 || end == 0 // an empty upload has one piece too
	if kept {
		if err := finishPiece(file, sealed, head, to); err != nil {
			p.list.space.give(piece.taken)
			return fmt.Errorf("keep piece: %w", classify(err))
		}
	}
	p.list.space.give(piece.taken - n)
	p.list.mu.Lock()
	defer p.list.mu.Unlock()
	p.used = time.Now()
	if kept {
		p.size, p.file = size+n, head.from+to.n
		p.salts = append(p.salts, sealed.Salt())
	}
	if copyErr != nil {
		return fmt.Errorf("receive piece: %w", copyErr)
	}
	return nil
}

// finishPiece makes a piece whole: its end, then, when that is on disk, its head.
func finishPiece(file *os.File, sealed *sealedWriter, head pieceHead, to *countingWriter) error {
	if err := sealed.Close(); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	head.sealed = to.n
	if err := head.write(file); err != nil {
		return err
	}
	return file.Sync()
}

type countingWriter struct {
	to io.Writer
	n  int64
}

func (w *countingWriter) Write(b []byte) (int, error) {
	n, err := w.to.Write(b)
	w.n += int64(n)
	return n, err
}

// pieceWriter takes room for what it writes; its errors are the server's.
type pieceWriter struct {
	to    io.Writer
	space *Space
	taken int64
}

func (w *pieceWriter) Write(b []byte) (int, error) {
	if err := w.space.take(int64(len(b))); err != nil {
		return 0, err
	}
	w.taken += int64(len(b))
	n, err := w.to.Write(b)
	return n, classify(err)
}

// Open opens what has arrived for reading.
func (p *Partial) Open() (*Content, error) {
	file, err := p.list.root.Open(p.name())
	if err != nil {
		return nil, fmt.Errorf("open partial upload: %w", classify(err))
	}
	c, err := openContent(p.list.key, file, "")
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("open partial upload: %w", err)
	}
	return c, nil
}

// Blob makes the content of a whole upload a blob. Until it is committed the
// upload goes on waiting, and Discard puts it back.
func (p *Partial) Blob() (*Blob, error) {
	file, err := p.list.root.OpenFile(p.name(), os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("open partial upload: %w", classify(err))
	}
	p.list.mu.Lock()
	defer p.list.mu.Unlock()
	name := path.Join(input, seal.ID(p.salts...))
	return &Blob{root: p.list.root, space: p.list.space, name: name, part: p.name(), keep: true, file: file, size: p.size}, nil
}

// Drop gives the upload up; nothing is left of it, and who waits for a turn finds
// it gone.
func (p *Partial) Drop() error {
	p.list.mu.Lock()
	if !p.gone {
		p.list.space.give(p.size)
	}
	p.gone = true
	delete(p.list.byID, p.id)
	p.list.mu.Unlock()
	if err := p.list.root.Remove(p.name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("drop partial upload: %w", err)
	}
	return nil
}

func (p *Partial) name() string { return path.Join(partial, p.id) }

// DropAbandoned gives up the uploads that had no piece since a time and returns
// how many those were. Who is at one right now keeps it.
func (f *Folder) DropAbandoned(since time.Time) (dropped int, err error) {
	var errs []error
	for _, p := range f.partials.idle(since) {
		select {
		case p.turn <- struct{}{}:
			errs = append(errs, p.Drop())
			<-p.turn
			dropped++
		default:
		}
	}
	return dropped, errors.Join(errs...)
}

func (l *partials) idle(since time.Time) (list []*Partial) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.byID {
		if p.used.Before(since) {
			list = append(list, p)
		}
	}
	return list
}
