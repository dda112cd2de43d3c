package converter

import (
	"io"

	"ret/shared/convert"
	"ret/shared/replica"
	"ret/shared/workspace"
)

// Host keeps what a run makes.
type Host interface {
	// Write appends to a table, which begins with its first piece. An error ends
	// the run: fault.NoSpace if there is no more room.
	Write(table int32, p []byte) error

	// Drop says that a table will not be finished.
	Drop(table int32)

	// Place says where the Host has put a table that is finished, if it can.
	Place(table int32) []replica.Extent

	// Finish hands finished documents over, each a line of JSON: a Finished. The
	// bytes are valid during the call only.
	Finish(lines []byte) error

	// Progress shows how far the run is. It must return quickly.
	Progress(p convert.Progress)
}

// Finished is what became of one document or, when merging, of one class.
type Finished struct {
	Files  []convert.File `json:"files"`
	Tables []Table        `json:"tables"`
}

// Table is a table that the Host has all of, in the form in which it is stored.
type Table struct {
	workspace.Table

	Index  []byte `json:"index"`  // see tablefile
	File   string `json:"file"`   // as `ret convert` names it
	Number int32  `json:"number"` // the Host's

	// Where the Host has put it.
	Extents []replica.Extent `json:"extents,omitempty"`
}

// File is a dropped file.
type File struct {
	ID      string
	Name    string
	Size    int64
	Content io.ReaderAt
}
