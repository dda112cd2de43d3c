package meaning

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"ret/server/files"
	"ret/server/turns"
	"ret/shared/fault"
	"ret/shared/tablefile"
	"ret/shared/workspace"
)

// Index has the vectors of one session's tables. It may be used concurrently.
type Index struct {
	workspace *workspace.Workspace
	folder    *files.Folder
	model     Model
	may       func(context.Context) error // whether the session's cells and questions may be embedded

	updating turns.Sole // is held while vectors are being made

	mu    sync.Mutex
	asked time.Time // when Missed last said so
}

// New makes the index of a session; it is used as long as both are open. may says before
// each use of the model whether it may be used for the session: a local one always may.
func New(w *workspace.Workspace, f *files.Folder, m Model, may func(context.Context) error) *Index {
	return &Index{workspace: w, folder: f, model: m, may: may, updating: turns.NewSole()}
}

// Local says that nothing leaves the machine for it.
func (x *Index) Local() bool { return x.model.Local() }

// ErrNotAllowed is for a may that says no.
var ErrNotAllowed = fault.New(fault.Denied, "Nothing is sent to the embedding model before you say yes to it.")

// Work is how the vectors are made: by a job, which gives way to others.
type Work struct {
	// Embed has the model embed texts, perhaps without a worker's place meanwhile.
	Embed func(ctx context.Context, do func() error) error

	// Outside does what needs no worker: it waits for another job.
	Outside func(ctx context.Context, do func() error) error

	// Report says how many rows of how many are done.
	Report func(done, total int64)
}

// Update makes the vectors of the tables that have none, the newest first, as far as
// MaxRows goes. It does nothing where the model may not be used. What is finished stays,
// also if it fails.
func (x *Index) Update(ctx context.Context, w Work) error {
	end, err := x.updating.Begin(ctx, w.Outside)
	if err != nil {
		return err
	}
	defer end()
	if err := x.may(ctx); errors.Is(err, ErrNotAllowed) {
		return nil
	} else if err != nil {
		return err
	}
	todo, rows, err := x.without(ctx)
	if err != nil {
		return err
	}
	done := int64(0)
	for i := range todo {
		err := x.table(ctx, &todo[i], w, func(n int64) { w.Report(done+n, rows) })
		if errors.Is(err, ErrNotAllowed) {
			return nil // the yes was taken back meanwhile
		}
		if err != nil {
			return fmt.Errorf("embed table: %w", err)
		}
		done += todo[i].Rows
	}
	return nil
}

// askAgain is how long after one job that was asked for another one is.
const askAgain = time.Minute

// Missed reports whether a job is to be asked for that makes vectors, since tables have
// none that could: after a new start, or a yes. It says so once a minute at most.
func (x *Index) Missed(ctx context.Context) (bool, error) {
	if err := x.may(ctx); errors.Is(err, ErrNotAllowed) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	x.mu.Lock()
	recently := time.Since(x.asked) < askAgain
	x.mu.Unlock()
	if recently {
		return false, nil
	}
	todo, _, err := x.without(ctx)
	if err != nil {
		return false, err
	}
	x.mu.Lock()
	x.asked = time.Now()
	x.mu.Unlock()
	return len(todo) > 0, nil
}

// without are the tables that have no vectors and are to have some.
func (x *Index) without(ctx context.Context) (todo []workspace.SearchedTable, rows int64, err error) {
	within, err := x.within(ctx)
	if err != nil {
		return nil, 0, err
	}
	for _, t := range within {
		kept, err := x.folder.IndexShelf().Kept(t.Blob, x.key())
		if err != nil {
			return nil, 0, err
		}
		if kept != nil {
			_ = kept.Close()
			continue
		}
		todo = append(todo, t)
		rows += t.Rows
	}
	return todo, rows, nil
}

// within are the tables whose rows have vectors.
func (x *Index) within(ctx context.Context) ([]workspace.SearchedTable, error) {
	tables, _, err := x.workspace.SearchedTables(ctx)
	if err != nil {
		return nil, err
	}
	left := int64(MaxRows)
	return slices.DeleteFunc(tables, func(t workspace.SearchedTable) bool {
		if t.Rows > left {
			return true
		}
		left -= t.Rows
		return false
	}), nil
}

func (x *Index) key() string { return "vectors of " + x.model.Name() }

// open opens a table as it is stored; the caller closes its content.
func (x *Index) open(t *workspace.SearchedTable) (*tablefile.Table, *files.Content, error) {
	var index tablefile.Index
	if err := index.UnmarshalBinary(t.RowIndex); err != nil {
		return nil, nil, err
	}
	content, err := x.folder.OpenWhole(t.Blob, index.Bytes)
	if err != nil {
		return nil, nil, err
	}
	stored, err := tablefile.Open(content, index)
	if err != nil {
		_ = content.Close()
		return nil, nil, err
	}
	return stored, content, nil
}

// table makes the vectors of one table. One that was deleted meanwhile is passed over.
func (x *Index) table(ctx context.Context, t *workspace.SearchedTable, w Work, report func(int64)) error {
	stored, content, err := x.open(t)
	if err != nil {
		if _, gone := x.workspace.Table(ctx, t.ID); fault.Is(gone, fault.NotFound) {
			return nil
		}
		return err
	}
	defer content.Close()
	return x.folder.IndexShelf().Keep(t.Blob, x.key(), func(to io.Writer) error {
		e := embedding{index: x, work: w, to: bufio.NewWriterSize(to, 64<<10)}
		err := stored.Each(ctx, func(row int64, cells [][]byte) error {
			if err := e.row(ctx, rowText(cells)); err != nil {
				return err
			}
			if row%1024 == 0 {
				report(row)
			}
			return nil
		})
		if err == nil {
			err = e.flush(ctx)
		}
		if err == nil {
			err = e.to.Flush()
		}
		return err
	})
}

// rowText are the words of a row: cells without a letter mean nothing by themselves.
func rowText(cells [][]byte) string {
	var b strings.Builder
	for _, cell := range cells {
		text := string(cell[:min(len(cell), rowBytes)])
		if !strings.ContainsFunc(text, unicode.IsLetter) {
			continue
		}
		if b.Len()+len(text) > rowBytes {
			break
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(text)
	}
	return strings.ToValidUTF8(b.String(), "")
}

// embedding writes the vectors of rows, in batches.
type embedding struct {
	index *Index
	work  Work
	to    *bufio.Writer

	rows       []string // that wait; "" has no words
	dimensions int      // 0: not known yet
	out        []byte
}

func (e *embedding) row(ctx context.Context, text string) error {
	e.rows = append(e.rows, text)
	if len(e.rows) < e.index.model.Batch() {
		return nil
	}
	return e.flush(ctx)
}

// flush embeds the rows that wait. Those without words are not sent to the model.
func (e *embedding) flush(ctx context.Context) error {
	var texts []string
	for _, text := range e.rows {
		if text != "" {
			texts = append(texts, text)
		}
	}
	if len(texts) == 0 && e.dimensions == 0 {
		return e.unknown(ctx)
	}
	vectors, err := e.embed(ctx, texts)
	if err != nil {
		return err
	}
	return e.write(vectors)
}

// unknown is for rows without words before any with some: how long their vectors are is
// asked for by a word.
func (e *embedding) unknown(ctx context.Context) error {
	if len(e.rows) == 0 {
		return nil
	}
	vectors, err := e.embed(ctx, []string{"word"})
	if err != nil {
		return err
	}
	if err := e.begin(len(vectors[0])); err != nil {
		return err
	}
	return e.write(nil)
}

func (e *embedding) embed(ctx context.Context, texts []string) (vectors [][]float32, err error) {
	if len(texts) == 0 {
		return nil, nil
	}
	err = e.work.Embed(ctx, func() (err error) {
		if err := e.index.may(ctx); err != nil { // the yes may have been taken back
			return err
		}
		vectors, err = e.index.model.Embed(ctx, texts)
		return err
	})
	return vectors, err
}

// begin writes how long vectors are.
func (e *embedding) begin(dimensions int) error {
	e.dimensions = dimensions
	return putHead(e.to, dimensions)
}

// write writes the rows that wait, with the vectors of those that have words.
func (e *embedding) write(vectors [][]float32) error {
	if e.dimensions == 0 {
		if err := e.begin(len(vectors[0])); err != nil {
			return err
		}
	}
	e.out = e.out[:0]
	zero := make([]float32, e.dimensions)
	for _, text := range e.rows {
		v := zero
		if text != "" {
			v, vectors = vectors[0], vectors[1:]
		}
		if len(v) != e.dimensions {
			return errOtherLength
		}
		e.out = appendVector(e.out, v)
	}
	e.rows = e.rows[:0]
	_, err := e.to.Write(e.out)
	return err
}
