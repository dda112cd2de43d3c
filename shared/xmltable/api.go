// Package xmltable turns XML documents into tables, losslessly, in two streaming
// passes: Scan learns a document's shape, Choose decides what a record is and
// which tables and columns follow, and Plan.Write streams the rows.
//
// The rules are exact and stand in docs/flattening.md. Memory grows with the
// number of distinct paths and with the largest single record, not with the
// document. The package knows no file, no archive and no table format but CSV;
// it builds for linux and for js/wasm and gives the same bytes on both.
package xmltable

import (
	"context"
	"io"
)

// Input is one XML document. Open is called once a pass and must give the same
// bytes each time; Scan and Write close what they open.
type Input struct {
	Path string // as in the manifest: "a.zip!/sub/x.xml"
	Size int64  // bytes, or -1 if unknown; the limits on expansion grow with it
	Open func(ctx context.Context) (io.ReadCloser, error)

	// At, if set, gives the same bytes to be read at any place, so that several
	// processors can work on a large document (Options.Helper).
	At func(ctx context.Context) (Content, error)
}

// Options choose how documents become tables. The zero value asks for the
// automatic record and the default limits.
type Options struct {
	Record      string   // "" automatic; "rows/row" from the root's children down; "//row" by name
	MaxRepeat   int      // K; 0 means 8
	KeepPartial bool     // keep the rows before a syntax error
	Repair      bool     // mend what is not well-formed in the ways seen most
	Trim        bool     // all white space at both ends of a text is layout
	ByLocalName bool     // elements of one local name are one, whatever their namespace
	Flat        bool     // rows of the main table end with the fields of the elements above
	Pivots      []string // "tag@k=@v": elements that are spread by their key
	RecordXML   bool     // the main table ends with _xml, the record as written
	Windows1252 bool     // what says ISO-8859-1 is read as windows-1252
	Merged      bool     // the tables are of a class of documents and begin with _file
	Limits      Limits

	// Helper, if set, is asked for one more processor to work on a large document, and
	// gives it until release is called, which will be soon. It may be called
	// concurrently and must return at once.
	Helper func() (release func(), ok bool)

	windowBytes int // what the scanner reads at once; tests make it small
	pieceBytes  int // what one processor works on at once; tests make it small
	joined      *joins
}

// Limits bound what one document may ask for; zero fields mean the defaults of
// docs/flattening.md, section 6.
type Limits struct {
	Depth            int   // nested elements; 1000
	NameBytes        int   // one name; 64 KiB
	ValueBytes       int   // one value; 64 MiB
	Columns          int   // columns of one table; 16384
	EntityDepth      int   // nested entities; 20
	EntityBytes      int64 // what entities may expand to; 8 MiB or 100 × Size, whichever is more
	OutputRatio      int   // output over input; 100 …
	OutputFloorBytes int64 // … once the output is over this; 1 GiB
}

// Kind says what a column holds: the words of the manifest.
type Kind string

// The kinds of column.
const (
	Text      Kind = "text"
	Attribute Kind = "attribute"
	Markup    Kind = "markup"
	ID        Kind = "id"
	Parent    Kind = "parent"
	Position  Kind = "position"
	In        Kind = "in"
	File      Kind = "file"
	Record    Kind = "record" // the record as written
)

// Column is one column of a table.
type Column struct {
	Name string `json:"name"`
	Path string `json:"path"` // exact path with namespaces
	Kind Kind   `json:"kind"`
}

// Table describes one table of a Plan.
type Table struct {
	Name    string   // "book", "book.author", "_document"
	Parent  int      // index into Plan.Tables, or -1
	Columns []Column // in order
}

// Candidate is a path that could be the record.
type Candidate struct {
	Path   string `json:"path"`   // as Options.Record takes it
	Count  int64  `json:"count"`  // elements at that path
	Weight int64  `json:"weight"` // values in and below them
}

// Sink receives the rows of a Plan, table by table interleaved, each table's
// rows in order. It is called from one goroutine. The cells are only valid during
// the call, and are to be read, neither changed nor appended to: a nil cell is
// absent, an empty non-nil one is empty.
type Sink interface {
	Row(table int, cells [][]byte) error
}

// A Forker is a Sink that several goroutines can work for, each on a part of the
// rows of a large document.
type Forker interface {
	Sink

	// Fork returns a Sink, for one goroutine at a time, that keeps what it is given; nil
	// if the Forker cannot make one. It may be called concurrently.
	Fork() Sink

	// Join takes the rows of a fork, as if Row had been called with them, but for how
	// those of different tables are interleaved. The fork is then as new. Join is called
	// where Row is. A fork that is never joined is just forgotten.
	Join(fork Sink) error
}
