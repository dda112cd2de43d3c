package jobs

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"time"

	"ret/server/files"
	"ret/server/queue"
	"ret/shared/convert"
	"ret/shared/outcome"
	"ret/shared/tablefile"
	"ret/shared/workspace"
	"ret/shared/xmltable"
)

// tableStore keeps what a conversion makes in a session: rows in blobs, and what
// became of each document in the workspace. It implements convert.Store.
//
// Documents are written down in groups, because a commit costs as much as a small
// document. A crash loses a group at most, and those documents are done again.
type tableStore struct {
	runner *Runner
	task   *queue.Task
	job    outcome.Job

	waiting []workspace.Finished
	blobs   []string // of waiting
	since   time.Time
}

const (
	groupDocuments = 64
	groupTime      = 100 * time.Millisecond
)

func newTableStore(r *Runner, t *queue.Task, job outcome.Job) *tableStore {
	return &tableStore{runner: r, task: t, job: job, since: time.Now()}
}

// Begin implements convert.Store.
func (s *tableStore) Begin(_ context.Context, tables []xmltable.Table) (convert.Tables, error) {
	st := &storedTables{}
	for _, table := range tables {
		blob, err := s.runner.Folder.CreateTable()
		if err != nil {
			st.Abort()
			return nil, err
		}
		buffer := bufio.NewWriterSize(blob, 32<<10)
		st.tables = append(st.tables, storedTable{
			spec: table, blob: blob, buffer: buffer, rows: tablefile.NewWriter(buffer, table.Columns),
		})
	}
	return st, nil
}

// Finish implements convert.Store.
func (s *tableStore) Finish(ctx context.Context, r convert.Result) error {
	var tables []*workspace.Table
	if r.Tables != nil {
		st := r.Tables.(*storedTables)
		tables = s.describe(st, r)
		for _, t := range tables {
			s.blobs = append(s.blobs, t.Blob)
		}
	}
	for i, f := range r.Files {
		doc, err := s.job.Document(f)
		if err != nil {
			return err
		}
		done := workspace.Finished{Document: doc}
		if i == 0 {
			done.Tables = tables
		}
		s.waiting = append(s.waiting, done)
	}
	if len(s.waiting) < groupDocuments && time.Since(s.since) < groupTime {
		return nil
	}
	return s.flush(ctx)
}

// flush writes down the documents that wait.
func (s *tableStore) flush(ctx context.Context) error {
	if len(s.waiting) == 0 {
		return nil
	}
	run, err := s.task.Fence(ctx)
	if err == nil {
		err = s.runner.Workspace.AddFinished(ctx, run, s.waiting, s.runner.MaxSessionBytes)
	}
	if err != nil {
		return errors.Join(err, s.runner.Folder.Remove(s.blobs...))
	}
	s.waiting, s.blobs, s.since = nil, nil, time.Now()
	return nil
}

// close writes down what is left, also of a run that failed in the middle: those
// documents are done.
func (s *tableStore) close(ctx context.Context, runErr error) error {
	if err := s.flush(context.WithoutCancel(ctx)); runErr == nil {
		return err
	}
	return runErr
}

// describe gives the tables of a result as the workspace keeps them.
func (s *tableStore) describe(st *storedTables, r convert.Result) []*workspace.Table {
	specs := make([]xmltable.Table, len(st.tables))
	for i, t := range st.tables {
		specs[i] = t.spec
	}
	list := s.job.Tables(r, specs)
	for i, t := range st.tables {
		list[i].Rows, list[i].Bytes, list[i].Blob, list[i].RowIndex = t.index.Rows, t.index.Bytes, t.blob.Name(), t.encoded
	}
	return list
}

// storedTables are the tables of one document on their way to disk; it implements
// convert.Tables.
type storedTables struct{ tables []storedTable }

type storedTable struct {
	spec    xmltable.Table
	blob    *files.Blob
	buffer  *bufio.Writer
	rows    *tablefile.Writer
	index   tablefile.Index
	encoded []byte
}

// Row implements xmltable.Sink.
func (st *storedTables) Row(table int, cells [][]byte) error {
	return st.tables[table].rows.Row(cells)
}

// Close implements convert.Tables. The sync that makes the tables durable is here,
// where several documents are at it at once.
func (st *storedTables) Close() error {
	for i := range st.tables {
		t := &st.tables[i]
		var err error
		if t.index, err = t.rows.Close(); err == nil {
			err = t.buffer.Flush()
		}
		if err == nil {
			t.encoded, err = t.index.MarshalBinary()
		}
		if err == nil {
			err = t.blob.Commit()
		}
		if err != nil {
			return fmt.Errorf("close table: %w", err)
		}
	}
	return nil
}

// Abort implements convert.Tables.
func (st *storedTables) Abort() {
	for i := range st.tables {
		st.tables[i].blob.Discard()
	}
}
