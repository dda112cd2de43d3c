package workspaces

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ret/server/files"
	"ret/server/index"
	"ret/server/live"
	"ret/server/meaning"
	"ret/server/queue"
	"ret/shared/cache"
	"ret/shared/workspace"
)

// Open is an open workspace with all that belongs to it.
type Open struct {
	SessionID string
	*workspace.Workspace
	Folder  *files.Folder
	Index   *index.Index
	Meaning *meaning.Index // nil: rows are not found by what they mean
	Cache   *cache.Cache
	Line    *queue.Line
	Room    *live.Room

	users    int       // requests that hold it; the registry's mutex guards it
	lastUsed time.Time // likewise

	work work
}

// open opens a session's workspace and takes up its unfinished jobs. What could be opened
// only in part is closed again, and nobody gets it.
func (r *Registry) open(ctx context.Context, id string) (*Open, error) {
	o := &Open{SessionID: id}
	if err := r.openEach(ctx, o); err != nil {
		_ = o.close()
		if o.Room != nil {
			r.cfg.Hub.CloseRoom(o.Room)
		}
		return nil, fmt.Errorf("open session: %w", err)
	}
	return o, nil
}

// openEach opens one thing after the other; where it fails, those before stay open.
func (r *Registry) openEach(ctx context.Context, o *Open) (err error) {
	id := o.SessionID
	o.work.left = true
	o.work.set = func(ctx context.Context, working bool) error {
		return r.sessions.SetWorking(ctx, id, working)
	}
	if o.Folder, err = r.cfg.Files.Open(id); err != nil {
		return err
	}
	if err := o.Folder.CheckDatabase(); err != nil {
		return err
	}
	if o.Workspace, err = openWorkspace(o.Folder, o); err != nil {
		return err
	}
	if err := o.Folder.DatabaseMade(); err != nil {
		return err
	}
	o.Folder.Space().Limit(r.cfg.MaxSessionBytes, workspace.SessionFull(r.cfg.MaxSessionBytes), func() (int64, error) {
		return o.HeldBytes(context.Background())
	})
	known, err := o.Blobs(ctx)
	if err != nil {
		return err
	}
	if err := o.Folder.Sweep(func(blob string) bool { return known[blob] }); err != nil {
		r.cfg.Log.Warn("leftovers of a crash could not be removed", "session", id, "err", err)
	}
	o.dropAbandoned(r.cfg.Log)
	o.Index = index.New(o.Workspace, o.Folder)
	if r.cfg.Meaning != nil {
		o.Meaning = r.cfg.Meaning(o)
		o.Index.WithMeaning(o.Meaning)
	}
	o.Cache = cache.New(r.cfg.Memory, o.Workspace.Entries(), r.cfg.Cache)
	o.Room = r.cfg.Hub.Room(id, o.Workspace)
	o.Line = r.cfg.Queue.NewLine(id, o.Workspace, r.cfg.Runner(o))
	return o.Line.Resume(ctx)
}

// openWorkspace opens a folder's database with the session's key.
func openWorkspace(folder *files.Folder, listener workspace.Listener) (*workspace.Workspace, error) {
	path, cfg, err := folder.Database()
	if err != nil {
		return nil, err
	}
	return workspace.Open(path, workspace.Options{SQLite: cfg, Listener: listener})
}

// close ends the jobs under way, which stay queued for the next time, and closes
// everything. The room stays with the hub, whose sockets may outlast it.
func (o *Open) close() error { return o.end((*workspace.Workspace).Close) }

// discard is close for what is erased next.
func (o *Open) discard() error { return o.end((*workspace.Workspace).Discard) }

func (o *Open) end(closing func(*workspace.Workspace) error) error {
	var errs []error
	if o.Line != nil {
		o.Line.Close()
	}
	if o.Cache != nil {
		errs = append(errs, o.Cache.Close())
	}
	if o.Workspace != nil {
		errs = append(errs, closing(o.Workspace))
	}
	if o.Folder != nil {
		errs = append(errs, o.Folder.Close())
	}
	return errors.Join(errs...)
}

// Changed implements workspace.Listener.
func (o *Open) Changed(seq int64) {
	o.Folder.Space().Changed()
	if o.Room != nil {
		o.Room.Changed(seq)
	}
}

// Queued implements workspace.Listener.
func (o *Open) Queued(job workspace.Queued) { o.Line.Queued(job) }

// Stopped implements workspace.Listener.
func (o *Open) Stopped(jobID string) { o.Line.Stopped(jobID) }
