package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ret/server/files"
	"ret/server/queue"
	"ret/shared/convert"
	"ret/shared/fault"
	"ret/shared/outcome"
	"ret/shared/workspace"
	"ret/shared/xmltable"
)

// tableStore keeps what a conversion makes in a session: rows in blobs, and what
// became of each document in the workspace. It implements convert.Store.
//
// Documents are written down in groups, because a commit costs as much as a small
// document. A crash loses a group at most, and those documents are done again.
//
// Each blob has one owner at a time, who removes it if it comes to nothing:
//
//   - storedTables, from Begin until Finish is called: Abort removes;
//   - the group, from then on until flush: it either hands all its blobs to the
//     rows of one commit, or removes them and is empty. After that the store takes
//     nothing any more, so no document is written down whose blobs are gone;
//   - the rows, from the commit on: whoever deletes a row removes its blob.
//
// What a crash leaves without a row is removed when the session is opened next
// (files.Folder.Sweep).
type tableStore struct {
	runner *Runner
	task   *queue.Task
	hold   *hold
	job    outcome.Job

	group  []workspace.Finished // done, but not written down
	since  time.Time            // when the group began
	broken error                // why a group could not be written down
}

const (
	groupDocuments = 64
	groupTime      = 100 * time.Millisecond
)

func newTableStore(r *Runner, t *queue.Task, h *hold, job outcome.Job) *tableStore {
	return &tableStore{runner: r, task: t, hold: h, job: job, since: time.Now()}
}

// mostTables is how many tables one document may give: each has a descriptor and
// a buffer while rows come, and the server's are shared by all sessions. Real
// documents have some dozens.
const mostTables = 1000

// Begin implements convert.Store.
func (s *tableStore) Begin(_ context.Context, tables []xmltable.Table) (convert.Tables, error) {
	if len(tables) > mostTables {
		return nil, fault.New(fault.TooLarge, "This would become %d tables, and one document may give %d here. Let more repeats become columns, or use ret convert.", len(tables), mostTables)
	}
	st := &storedTables{hold: s.hold}
	for _, table := range tables {
		blob, err := s.hold.table()
		if err != nil {
			st.Abort()
			return nil, err
		}
		st.blobs = append(st.blobs, blob)
		st.Writers = append(st.Writers, outcome.NewStoredTable(blob, 32<<10, table))
	}
	return st, nil
}

// Finish implements convert.Store. It is a checkpoint of the run.
func (s *tableStore) Finish(ctx context.Context, r convert.Result) error {
	if err := s.add(r); err != nil {
		if r.Tables != nil {
			r.Tables.Abort()
		}
		return err
	}
	if len(s.group) >= groupDocuments || time.Since(s.since) >= groupTime {
		if err := s.flush(); err != nil {
			return err
		}
	}
	return s.task.Turn(ctx)
}

// add takes a result into the group; if it fails, nothing of it is in there.
func (s *tableStore) add(r convert.Result) error {
	if s.broken != nil {
		return s.broken
	}
	done := make([]workspace.Finished, len(r.Files))
	for i, f := range r.Files {
		doc, err := s.job.Document(f)
		if err != nil {
			return err
		}
		done[i].Document = doc
	}
	if st, ok := r.Tables.(*storedTables); ok {
		done[0].Tables = s.describe(st, r)
		st.handedOver()
	}
	s.group = append(s.group, done...)
	return nil
}

// flush writes the group down. It does so for a run that was called off as well:
// the documents are done, and the fence says whether the job is still the run's.
func (s *tableStore) flush() error {
	if s.broken != nil || len(s.group) == 0 {
		return s.broken
	}
	ctx := context.Background()
	run, err := s.task.Fence(ctx)
	if err == nil {
		err = s.runner.Folder.SyncTables()
	}
	if err == nil {
		err = s.runner.Workspace.AddFinished(ctx, run, s.group, s.runner.MaxSessionBytes)
	}
	s.broken = err
	// No row refers to the blobs of a group that was refused, nor to those of a
	// document that the job had already.
	var recorded, unused []string
	for _, f := range s.group {
		for _, t := range f.Tables {
			if err != nil || f.PassedOver {
				unused = append(unused, t.Blob)
			} else {
				recorded = append(recorded, t.Blob)
			}
		}
	}
	s.runner.Folder.Recorded(recorded...)
	s.group, s.since = nil, time.Now()
	return errors.Join(err, s.runner.Folder.Remove(unused...))
}

// close writes down what is left, also of a run that failed in the middle: those
// documents are done.
func (s *tableStore) close(runErr error) error {
	if err := s.flush(); runErr == nil {
		return err
	}
	return runErr
}

// describe gives the tables of a result as the workspace keeps them.
func (s *tableStore) describe(st *storedTables, r convert.Result) []*workspace.Table {
	list := s.job.StoredTables(r, st.Writers)
	for i, blob := range st.blobs {
		list[i].Blob = blob.Name()
	}
	return list
}

// storedTables are the tables of one document on their way to disk; it implements
// convert.Tables.
type storedTables struct {
	xmltable.Writers[*outcome.StoredTable] // into the blobs
	hold                                   *hold
	blobs                                  []*files.Blob
}

// Close implements convert.Tables. The sync that makes the tables durable is here,
// where several documents are at it at once.
func (st *storedTables) Close() error {
	for i, t := range st.Writers {
		err := t.Close()
		if err == nil {
			err = st.blobs[i].Commit()
		}
		if err != nil {
			return fmt.Errorf("close table: %w", err)
		}
	}
	return nil
}

// Abort implements convert.Tables.
func (st *storedTables) Abort() {
	for _, blob := range st.blobs {
		blob.Discard()
	}
	st.handedOver()
}

// handedOver: the blobs are complete and another's, or gone.
func (st *storedTables) handedOver() {
	for _, blob := range st.blobs {
		st.hold.letGo(blob)
	}
}
