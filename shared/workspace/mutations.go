package workspace

import (
	"encoding/json"
	"errors"
	"time"
	"unicode/utf8"

	"ret/shared/entries"
	"ret/shared/fault"
	"ret/shared/sqlite"
)

// The names of mutations, and what their args are.
const (
	MutationFileDelete  = "file.delete"  // {"id"}
	MutationTableDelete = "table.delete" // {"tables"}
	MutationTableLayout = "table.layout" // {"table", "layout"}
	MutationJobSubmit   = "job.submit"   // {"id"?, "kind", "files", "options"?, "key"?}
	MutationJobCancel   = "job.cancel"   // {"id"}
	MutationJobRetry    = "job.retry"    // {"id"}
	MutationEntryPut    = "entry.put"    // {"key", "value" in base64, "ttl"? in seconds}
	MutationEntryDelete = "entry.delete" // {"key"}
)

// mutation is one whose args are understood.
type mutation struct {
	apply     func(*sqlite.Conn) error
	committed func() // nil: nothing is left to do
	entryKey  string // the entry it changes, if it does
	deletes   *deleted
}

// mutation reads the args; Invalid if they make no sense.
func (w *Workspace) mutation(m Mutation, around Around) (mutation, error) {
	switch m.Name {
	case MutationFileDelete:
		return w.fileDelete(m, around)
	case MutationTableDelete:
		return w.tableDelete(m, around)
	case MutationTableLayout:
		return w.tableLayout(m)
	case MutationJobSubmit:
		return w.jobSubmit(m, around)
	case MutationJobCancel:
		return w.jobCancel(m)
	case MutationJobRetry:
		return w.jobRetry(m)
	case MutationEntryPut:
		return w.entryPut(m, around)
	case MutationEntryDelete:
		return w.entryDelete(m)
	}
	return mutation{}, fault.New(fault.Invalid, "This server knows no change called %q.", m.Name)
}

// ReadArgs reads the args of a mutation; Invalid if they are not such.
func ReadArgs[T any](m Mutation) (args T, err error) {
	if err := json.Unmarshal(m.Args, &args); err != nil {
		return args, fault.Wrap(fault.Invalid, err, "The args of this %s cannot be read.", m.Name)
	}
	return args, nil
}

type idArgs struct {
	ID string `json:"id"`
}

func (w *Workspace) fileDelete(m Mutation, around Around) (mutation, error) {
	args, err := ReadArgs[idArgs](m)
	do := deletion(around, func(c *sqlite.Conn) ([]string, error) { return w.deleteFile(c, args.ID, m.Base) })
	do.deletes = &deleted{EntityFile, []string{args.ID}}
	return do, err
}

func (w *Workspace) tableDelete(m Mutation, around Around) (mutation, error) {
	args, err := ReadArgs[struct {
		Tables []string `json:"tables"`
	}](m)
	do := deletion(around, func(c *sqlite.Conn) ([]string, error) { return w.deleteTables(c, args.Tables) })
	do.deletes = &deleted{EntityTable, args.Tables}
	return do, err
}

func (w *Workspace) tableLayout(m Mutation) (mutation, error) {
	args, err := ReadArgs[struct {
		Table  string `json:"table"`
		Layout Layout `json:"layout"`
	}](m)
	return mutation{apply: func(c *sqlite.Conn) error { return w.layOut(c, args.Table, args.Layout) }}, err
}

// deleted is what a deletion wants to be gone.
type deleted struct {
	entity Entity
	ids    []string
}

// unlessGone is nil if all has been deleted before, by another client perhaps: the
// person has what they wanted. What never was is not found.
func (d *deleted) unlessGone(c *sqlite.Conn, notFound error) error {
	if len(d.ids) == 0 {
		return notFound
	}
	for _, id := range d.ids {
		var one int64
		err := c.QueryRow(`SELECT 1 FROM changes WHERE entity = ? AND id = ? AND op = 'del'`, []any{string(d.entity), id}, &one)
		if errors.Is(err, sqlite.ErrNoRows) {
			return notFound
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// WantsGone reports whether a mutation names things that it wants to be gone.
func WantsGone(m Mutation) bool {
	do, err := (&Workspace{}).mutation(m, Around{})
	return err == nil && do.deletes != nil && len(do.deletes.ids) > 0
}

// deletion is a mutation after whose commit the blobs that it returns are unlinked.
func deletion(around Around, drop func(*sqlite.Conn) (blobs []string, err error)) mutation {
	var blobs []string
	apply := func(c *sqlite.Conn) (err error) {
		blobs, err = drop(c)
		return err
	}
	unlink := func() {
		if len(blobs) > 0 && around.Unlink != nil {
			around.Unlink(blobs)
		}
	}
	return mutation{apply: apply, committed: unlink}
}

func (w *Workspace) jobSubmit(m Mutation, around Around) (mutation, error) {
	args, err := ReadArgs[struct {
		ID      string          `json:"id"`
		Kind    string          `json:"kind"`
		Files   []string        `json:"files"`
		Options json.RawMessage `json:"options"`
		Key     string          `json:"key"`
	}](m)
	if err != nil {
		return mutation{}, err
	}
	spec := NewJob{ID: args.ID, Key: args.Key, Kind: args.Kind, Files: args.Files, Options: args.Options}
	if err := checkNewJob(&spec, around); err != nil {
		return mutation{}, err
	}
	return mutation{apply: func(c *sqlite.Conn) error {
		_, _, err := w.submit(c, spec)
		return err
	}}, nil
}

func checkNewJob(spec *NewJob, around Around) error {
	if spec.ID != "" {
		if err := CheckID(spec.ID); err != nil {
			return err
		}
	}
	if spec.Kind == "" || len(spec.Files) == 0 {
		return fault.New(fault.Invalid, "A job needs a kind and at least one file.")
	}
	if around.Job == nil {
		return nil
	}
	return around.Job(spec)
}

func (w *Workspace) jobCancel(m Mutation) (mutation, error) {
	args, err := ReadArgs[idArgs](m)
	return mutation{apply: func(c *sqlite.Conn) error {
		if _, err := jobByID(c, args.ID, brief); err != nil {
			return err
		}
		if err := CheckBase(c, EntityJob, args.ID, m.Base); err != nil {
			return err
		}
		return w.cancel(c, args.ID)
	}}, err
}

func (w *Workspace) jobRetry(m Mutation) (mutation, error) {
	args, err := ReadArgs[idArgs](m)
	return mutation{apply: func(c *sqlite.Conn) error {
		_, err := w.retry(c, args.ID)
		return err
	}}, err
}

// maxKeyBytes bounds an entry's key.
const maxKeyBytes = 512

// EntryArgs are the args of entry.put and entry.delete.
type EntryArgs struct {
	Key   string `json:"key"`
	Value []byte `json:"value"`
	TTL   int64  `json:"ttl"`
}

// ReadEntryArgs reads the args of entry.put or entry.delete; Invalid if they make no
// sense.
func ReadEntryArgs(m Mutation) (EntryArgs, error) {
	args, err := ReadArgs[EntryArgs](m)
	if err == nil {
		err = args.check()
	}
	return args, err
}

func (a EntryArgs) check() error {
	if len(a.Key) < 1 || len(a.Key) > maxKeyBytes || !utf8.ValidString(a.Key) {
		return fault.New(fault.Invalid, "A cache key must have between 1 and %d bytes of UTF-8.", maxKeyBytes)
	}
	if a.TTL < 0 || a.TTL > int64(maxTTL/time.Second) {
		return fault.New(fault.Invalid, "A time to live must be a number of seconds from 1 on.")
	}
	return nil
}

// maxTTL keeps times within what a Duration holds.
const maxTTL = 100 * 365 * 24 * time.Hour

func (w *Workspace) entryPut(m Mutation, around Around) (mutation, error) {
	args, err := ReadEntryArgs(m)
	if err == nil && around.Room != nil {
		if full := around.Room(int64(len(args.Value))); full != nil {
			err = noRoom{full}
		}
	}
	return mutation{entryKey: args.Key, apply: func(c *sqlite.Conn) error {
		now := w.Now()
		e := entries.Stored{Key: args.Key, Value: args.Value, StoredAt: now, Used: now.UnixNano()}
		ttl := around.EntryTTL
		if args.TTL > 0 {
			ttl = time.Duration(args.TTL) * time.Second
		}
		if ttl > 0 {
			e.ExpiresAt = now.Add(ttl)
		}
		tx := w.entries.Within(c)
		if err := tx.Put(e); err != nil {
			return err
		}
		return tx.Settle() // so that the answer's seq is this change's
	}}, err
}

func (w *Workspace) entryDelete(m Mutation) (mutation, error) {
	args, err := ReadEntryArgs(m)
	return mutation{entryKey: args.Key, apply: func(c *sqlite.Conn) error {
		tx := w.entries.Within(c)
		if err := tx.Settle(); err != nil {
			return err
		}
		if err := CheckBase(c, EntityEntry, args.Key, m.Base); err != nil {
			return err
		}
		if err := tx.Delete(args.Key); err != nil {
			return err
		}
		return tx.Settle()
	}}, err
}
