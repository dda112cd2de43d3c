package main

import (
	"fmt"
	"time"

	"ret/shared/wire"
	"ret/shared/workspace"
	"ret/shared/xmltable"
)

// changes is how many the deltas have: of a file, its job and two tables in turn.
const changes = 1_000

// deltas are the frames by which a server tells a new replica of so many changes,
// and the seq that they reach.
func deltas() (frames [][]byte, to int64, err error) {
	var encoded []wire.EncodedChange
	for i := range changes / 4 {
		for _, t := range things(i) {
			to++
			t.Seq, t.Op = to, workspace.Put
			text, err := wire.EncodeThing(t)
			if err != nil {
				return nil, 0, err
			}
			encoded = append(encoded, wire.EncodedChange{Seq: to, Text: text})
		}
	}
	for from := int64(0); from < to; {
		frame, reached := wire.EncodeDelta(from, to, encoded[from:])
		frames, from = append(frames, frame), reached
	}
	return frames, to, nil
}

// things are what an upload of one file comes to.
func things(i int) []workspace.Thing {
	file := &workspace.File{
		ID: workspace.NewID(), Name: fmt.Sprintf("export %d.zip", i), Size: 1 << 20, Kind: "zip",
		SHA256: fmt.Sprintf("%064x", i), CreatedAt: made,
	}
	job := &workspace.Job{
		ID: workspace.NewID(), Kind: "convert", State: workspace.StateSucceeded, Files: []string{file.ID},
		Options: []byte(`{}`), Attempt: 1, MaxAttempts: 3, CreatedAt: made, StartedAt: &made, FinishedAt: &made,
		Progress:  workspace.Progress{Done: 1, Total: 1, Unit: "files"},
		ToldOfJob: workspace.ToldOfJob{N: int64(i + 1)},
	}
	all := []workspace.Thing{
		{Change: workspace.Change{Entity: workspace.EntityFile, ID: file.ID}, Value: file},
		{Change: workspace.Change{Entity: workspace.EntityJob, ID: job.ID}, Value: job},
	}
	for n := range 2 {
		table := table(file, job, 2*i+n)
		all = append(all, workspace.Thing{Change: workspace.Change{Entity: workspace.EntityTable, ID: table.ID}, Value: table})
	}
	return all
}

func table(file *workspace.File, job *workspace.Job, n int) *workspace.Table {
	t := &workspace.Table{
		ID: workspace.NewID(), JobID: job.ID, FileID: &file.ID, Group: "library", Source: fmt.Sprintf("deep/books%d.xml", n),
		Name: "book", Rows: 250, Bytes: 9_000, CreatedAt: made, ToldOfTable: workspace.ToldOfTable{N: int64(n + 1)},
	}
	for _, name := range []string{"@id", "title", "author", "year", "price"} {
		t.Columns = append(t.Columns, xmltable.Column{Name: name, Kind: xmltable.Text})
	}
	return t
}

// made is when all was made.
var made = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
