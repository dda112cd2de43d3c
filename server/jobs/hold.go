package jobs

import (
	"context"
	"io"
	"sync"

	"ret/server/files"
	"ret/shared/archive"
	"ret/shared/fault"
	"ret/shared/workspace"
)

// hold is what one run has of its session's folder. All that the run reads and
// writes there goes through it: each read of a source is a checkpoint, where the
// run looks whether it is called off and whether another session has its turn, and
// a run that is cut off loses everything at once (revoke).
type hold struct {
	folder     *files.Folder
	checkpoint func(context.Context) error

	mu      sync.Mutex
	open    map[revocable]struct{}
	revoked bool
}

// revocable is something open; closing it makes what is done with it later fail,
// and is safe while that is going on.
type revocable interface{ Revoke() }

var errRevoked = fault.New(fault.Unavailable, "This job was cut off from its session's data.")

func newHold(folder *files.Folder, checkpoint func(context.Context) error) *hold {
	return &hold{folder: folder, checkpoint: checkpoint, open: map[revocable]struct{}{}}
}

// revoke closes all that is open and lets nothing be opened any more. What the run
// has written without handing it over is removed by the run when it comes to that,
// or by the sweep when the session is opened next.
func (h *hold) revoke() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.revoked = true
	for r := range h.open {
		r.Revoke()
	}
	h.open = nil
}

// take registers what was opened, or closes it again.
func (h *hold) take(r revocable) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.revoked {
		r.Revoke()
		return errRevoked
	}
	h.open[r] = struct{}{}
	return nil
}

func (h *hold) letGo(r revocable) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.open, r)
}

// source opens an upload's content.
func (h *hold) source(ctx context.Context, upload *workspace.File) (archive.Content, error) {
	return h.blob(ctx, upload.Blob, upload.Size)
}

// blob opens a blob of so many bytes.
func (h *hold) blob(ctx context.Context, name string, size int64) (*heldFile, error) {
	file, err := h.folder.OpenWhole(name, size)
	if err != nil {
		return nil, err
	}
	c := &heldFile{ctx: ctx, hold: h, from: file}
	return c, h.take(c)
}

// stored opens the content of a stored table.
func (h *hold) stored(ctx context.Context, blob string, size int64) (*heldFile, error) {
	file, err := h.folder.OpenWhole(blob, size)
	if err != nil {
		return nil, err
	}
	c := &heldFile{ctx: ctx, hold: h, from: file}
	return c, h.take(c)
}

// Create implements archive.Scratch: room in the session's folder.
func (h *hold) Create(ctx context.Context) (archive.ScratchFile, error) {
	scratch, err := h.folder.CreateScratch()
	if err != nil {
		return nil, err
	}
	c := &heldFile{ctx: ctx, hold: h, from: scratch, to: scratch}
	return c, h.take(c)
}

// table begins a table's blob. Who calls it owns the blob and lets go of it.
func (h *hold) table() (*files.Blob, error) {
	blob, err := h.folder.CreateTable()
	if err != nil {
		return nil, err
	}
	if err := h.take(blob); err != nil {
		blob.Discard()
		return nil, err
	}
	return blob, nil
}

type readCloserAt interface {
	io.ReaderAt
	io.Closer
}

// heldFile is an open file of a run.
type heldFile struct {
	ctx  context.Context // of whoever opened it; io.ReaderAt has none
	hold *hold
	from readCloserAt
	to   io.Writer // of scratch
}

// ReadAt implements io.ReaderAt, and is a checkpoint.
func (f *heldFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.hold.checkpoint(f.ctx); err != nil {
		return 0, err
	}
	return f.from.ReadAt(p, off)
}

// Write implements io.Writer, and is a checkpoint.
func (f *heldFile) Write(p []byte) (int, error) {
	if err := f.hold.checkpoint(f.ctx); err != nil {
		return 0, err
	}
	return f.to.Write(p)
}

func (f *heldFile) Close() error {
	f.hold.letGo(f)
	return f.from.Close()
}

// Revoke implements revocable.
func (f *heldFile) Revoke() { _ = f.from.Close() }
