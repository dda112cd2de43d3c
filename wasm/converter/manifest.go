package converter

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"

	"ret/shared/fault"
	"ret/shared/outcome"
	"ret/shared/replica"
	"ret/shared/workspace"
)

// A manifest is what JavaScript keeps beside the tables of a conversion (convert-worker.js):
// lines of JSON, first a Header, then each Finished with the extents of its tables.

// Header says what was converted.
type Header struct {
	ID      string          `json:"id"` // of the job
	Options json.RawMessage `json:"options"`
	Files   []DroppedFile   `json:"files"`
}

// DroppedFile is a file as the server will know it.
type DroppedFile struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"` // hex
	Kind   string `json:"kind"`
}

// MaxListed is how many tables and documents of one conversion are listed before
// the server has it: they are put into the replica in one step.
const MaxListed = 2000

var errManifest = fault.New(fault.Unavailable, "What was converted in this browser cannot be read. The server converts the file when it can be reached.")

// ReadManifest reads a manifest as a local job, at most MaxListed tables and as many
// documents without any.
func ReadManifest(text []byte) (l replica.LocalJob, err error) {
	first, rest, _ := bytes.Cut(text, []byte("\n"))
	var h Header
	if err := json.Unmarshal(first, &h); err != nil || workspace.CheckID(h.ID) != nil || len(h.Files) == 0 {
		return l, errManifest
	}
	l = h.localJob()
	from := h.outcome()
	for line := range bytes.Lines(rest) {
		var f Finished
		if err := json.Unmarshal(line, &f); err != nil || len(f.Files) == 0 {
			return l, errManifest
		}
		if err := addFinished(&l, from, f); err != nil {
			return l, err
		}
	}
	return l, nil
}

// waitsFor is what people read of such a job.
const waitsFor = "converted in this browser, goes up when the server can be reached"

// localJob is the job as it waits for the server.
func (h Header) localJob() (l replica.LocalJob) {
	made := madeAt(h.ID)
	l.Job = workspace.Job{
		ID: h.ID, Kind: "convert", State: workspace.StateQueued, Options: h.Options, MaxAttempts: 1,
		Progress: workspace.Progress{Unit: "files", Message: waitsFor}, CreatedAt: made, Errors: []workspace.JobError{},
	}
	for _, f := range h.Files {
		l.Job.Files = append(l.Job.Files, f.ID)
		l.Files = append(l.Files, workspace.File{ID: f.ID, Name: f.Name, Size: f.Size, SHA256: f.SHA256, Kind: f.Kind, CreatedAt: made})
	}
	return l
}

// madeAt is the time of a UUIDv7.
func madeAt(id string) time.Time {
	s, ns := uuid.MustParse(id).Time().UnixTime()
	return time.Unix(s, ns).UTC().Truncate(time.Millisecond)
}

func (h Header) outcome() outcome.Job {
	names, ids := make([]string, len(h.Files)), make([]string, len(h.Files))
	for i, f := range h.Files {
		names[i], ids[i] = f.Name, f.ID
	}
	return outcome.Job{ID: h.ID, Files: fileIDs(names, ids)}
}

// addFinished adds documents with all their tables, or leaves out what is too much.
func addFinished(l *replica.LocalJob, from outcome.Job, f Finished) error {
	if len(l.Tables)+len(f.Tables) > MaxListed || len(l.Documents)+len(f.Files) > MaxListed {
		return nil
	}
	for _, file := range f.Files {
		d, err := from.Document(file)
		if err != nil {
			return err
		}
		l.Documents = append(l.Documents, d)
	}
	for _, t := range f.Tables {
		table := replica.LocalTable{Table: t.Table, Extents: slices.Clone(t.Extents)}
		table.RowIndex = t.Index
		l.Tables = append(l.Tables, table)
	}
	return nil
}
