package index

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"ret/server/files"
	"ret/server/turns"
	"ret/shared/fault"
	"ret/shared/search"
	"ret/shared/tablefile"
	"ret/shared/workspace"
)

// Index searches the tables of one session. It may be used concurrently.
type Index struct {
	workspace *workspace.Workspace
	folder    *files.Folder

	meaning  Meaning    // nil: rows are found by what they say alone
	updating turns.Sole // is held while the index is being brought up to date

	mu       sync.Mutex
	tables   []workspace.SearchedTable
	seq      int64               // of the change up to which tables are known; 0: not at all
	segments []*segment          // those that are used
	where    map[string]*segment // by table
	full     bool                // there was no room for another segment
	made     int                 // segments, ever: their names
	asked    time.Time           // when Missed last said so
	learning map[string]bool     // profiles, by name, that a job is at
}

// Meaning finds rows by what they mean, the nearest first; none where that is not to be
// done. See package meaning.
type Meaning interface {
	Find(ctx context.Context, q search.Query, limit int) ([]search.Hit, error)
}

// WithMeaning has the index find rows by what they mean as well. It is called before the
// index is used.
func (x *Index) WithMeaning(m Meaning) { x.meaning = m }

// New makes the index of a session; it is used as long as both are open.
func New(w *workspace.Workspace, f *files.Folder) *Index {
	return &Index{workspace: w, folder: f, updating: turns.NewSole(), where: make(map[string]*segment), learning: make(map[string]bool)}
}

// Find answers a question over all tables of the session, as search.Find does. Tables
// that the index does not know yet are looked through row by row.
func (x *Index) Find(ctx context.Context, q search.Question) (search.Answer, error) {
	list, where, err := x.known(ctx)
	if err != nil {
		return search.Answer{}, err
	}
	l := newLookup(x.folder.IndexShelf(), q.Query)
	defer l.close()
	tables, indexed := make([]search.Table, len(list)), true
	for i := range list {
		s := where[i]
		indexed = indexed && s != nil
		if s == nil || l.useless() {
			tables[i] = x.scanned(&list[i])
		} else {
			tables[i] = x.lookedUp(&list[i], s, l)
		}
	}
	answer, err := search.Find(ctx, tables, q)
	answer.Indexed = indexed
	if err != nil || x.meaning == nil || q.After != "" {
		return answer, err
	}
	return x.withMeaning(ctx, q, answer)
}

// nearRows is how many rows of a near meaning are joined with those that say it.
const nearRows = 50

// withMeaning joins hits by words with those by meaning. All that were found by words
// stay; others come as far as there is room for them on the first page. Where there are
// none by meaning, or they cannot be had, the words are enough.
func (x *Index) withMeaning(ctx context.Context, q search.Question, a search.Answer) (search.Answer, error) {
	near, err := x.meaning.Find(ctx, q.Query, nearRows)
	if ctx.Err() != nil {
		return a, ctx.Err()
	}
	if err != nil || len(near) == 0 {
		return a, nil
	}
	room := max(0, q.Limit-len(a.Hits))
	said := make(map[row]bool, len(a.Hits))
	for _, h := range a.Hits {
		said[rowOf(h)] = true
	}
	a.Hits = slices.DeleteFunc(search.Fuse(a.Hits, near), func(h search.Hit) bool {
		if said[rowOf(h)] {
			return false
		}
		room--
		return room < 0
	})
	return a, nil
}

type row struct {
	table string
	n     int64
}

func rowOf(h search.Hit) row { return row{h.TableID, h.Row} }

// Behind is how many bytes of tables the index does not know, and could.
func (x *Index) Behind(ctx context.Context) (bytes int64, err error) {
	list, where, err := x.known(ctx)
	if err != nil {
		return 0, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.full {
		return 0, nil
	}
	for i, s := range where {
		if s == nil {
			bytes += list[i].Bytes
		}
	}
	return bytes, nil
}

// WorthBytes is from how many bytes of tables on an index is made by itself: less of them
// is looked through as quickly.
const WorthBytes = 64 << 10

// askAgain is how long after one job that was asked for another one is.
const askAgain = time.Minute

// Missed reports whether a job is to be asked for that brings the index up to date, since
// none was after the last change, as when the server has been started anew. It says so
// once a minute at most.
func (x *Index) Missed(ctx context.Context) (bool, error) {
	bytes, err := x.Behind(ctx)
	if err != nil || bytes < WorthBytes {
		return false, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if time.Since(x.asked) < askAgain {
		return false, nil
	}
	x.asked = time.Now()
	return true, nil
}

// known are the session's tables, the newest first, and where each is indexed.
func (x *Index) known(ctx context.Context) ([]workspace.SearchedTable, []*segment, error) {
	now, err := x.workspace.Cursor(ctx)
	if err != nil {
		return nil, nil, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.seq != now.Seq || x.seq == 0 {
		tables, seq, err := x.workspace.SearchedTables(ctx)
		if err != nil {
			return nil, nil, err
		}
		x.tables, x.seq = tables, seq
		x.prune()
	}
	where := make([]*segment, len(x.tables))
	for i := range x.tables {
		where[i] = x.where[x.tables[i].ID]
	}
	return x.tables, where, nil
}

// prune lets go of what is of tables that are gone. The caller holds the mutex.
func (x *Index) prune() {
	live := make(map[string]*segment, len(x.tables))
	used := make(map[*segment]bool)
	for i := range x.tables {
		if s := x.where[x.tables[i].ID]; s != nil {
			live[x.tables[i].ID] = s
			used[s] = true
		}
	}
	x.where = live
	var kept []*segment
	for _, s := range x.segments {
		if used[s] {
			kept = append(kept, s)
		} else {
			x.folder.IndexShelf().Drop("", s.name)
			x.full = false
		}
	}
	x.segments = kept
}

// lost forgets a segment that cannot be read.
func (x *Index) lost(s *segment) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for id, other := range x.where {
		if other == s {
			delete(x.where, id)
		}
	}
	x.prune()
}

// scanned is a table all of whose rows are looked at.
func (x *Index) scanned(t *workspace.SearchedTable) search.Table {
	return search.Table{ID: t.ID, N: t.N, Columns: t.Columns, Rows: func(ctx context.Context, from int64, f func(int64, [][]byte) error) error {
		return x.scan(ctx, t, from, f)
	}}
}

func (x *Index) scan(ctx context.Context, t *workspace.SearchedTable, from int64, f func(int64, [][]byte) error) error {
	stored, content, err := x.open(t)
	if err != nil {
		return unlessGone(err)
	}
	defer content.Close()
	return stored.Range(ctx, from, t.Rows, f)
}

// lookedUp is a table of which those rows are looked at that the index names.
func (x *Index) lookedUp(t *workspace.SearchedTable, s *segment, l *lookup) search.Table {
	return search.Table{ID: t.ID, N: t.N, Columns: t.Columns, Rows: func(ctx context.Context, from int64, f func(int64, [][]byte) error) error {
		seen, err := x.lookUp(ctx, t, s, l, from, f)
		if errors.Is(err, errBroken) {
			x.lost(s)
			return x.scan(ctx, t, seen, f)
		}
		return err
	}}
}

// lookUp calls f for the rows that the index names. seen is up to which row that was
// done.
func (x *Index) lookUp(ctx context.Context, t *workspace.SearchedTable, s *segment, l *lookup, from int64, f func(int64, [][]byte) error) (seen int64, err error) {
	seen = from
	var failed error
	rows := l.rows(ctx, s, t.ID, from, &failed)
	some := false
	for range rows {
		some = true
		break
	}
	if !some || failed != nil {
		return seen, failed
	}
	stored, content, err := x.open(t)
	if err != nil {
		return seen, unlessGone(err)
	}
	defer content.Close()
	err = stored.Some(ctx, rows, func(row int64, cells [][]byte) error {
		seen = row + 1
		return f(row, cells)
	})
	if err == nil {
		err = failed
	}
	return seen, err
}

// unlessGone is the error of opening a table, but for one that was deleted meanwhile: it
// has no rows.
func unlessGone(err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	return err
}

// open opens a table as it is stored; the caller closes its content.
func (x *Index) open(t *workspace.SearchedTable) (*tablefile.Table, *files.Content, error) {
	return openTable(t, x.folder.OpenWhole)
}

// openTable opens a table whose blob, of so many bytes, open gives.
func openTable[C Content](t *workspace.SearchedTable, open func(blob string, size int64) (C, error)) (stored *tablefile.Table, content C, err error) {
	var index tablefile.Index
	if err = index.UnmarshalBinary(t.RowIndex); err != nil {
		return nil, content, err
	}
	if content, err = open(t.Blob, index.Bytes); err != nil {
		return nil, content, err
	}
	if stored, err = tablefile.Open(content, index); err != nil {
		_ = content.Close()
	}
	return stored, content, err
}
