package convert

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"

	"ret/shared/archive"
	"ret/shared/fault"
	"ret/shared/xmltable"
)

// DocumentRows is what tables have of one document.
type DocumentRows struct {
	Path    string
	Rows    []int64          // of each table
	Records xmltable.Origins // where in the document the rows of the main table are
}

// Origins is where the rows of a main table or of _document come from: for each
// document its path, how many rows it has, and where in it they are. Tables below have
// their rows from the records of these.
type Origins []byte

// OriginsOf gives those of one table of a result: of _document, each of whose rows is a
// document's root element, or of the main table.
func OriginsOf(documents []DocumentRows, table int, isDocument bool) Origins {
	o := Origins{0}
	if isDocument {
		o[0] = 1
	}
	for _, d := range documents {
		records := d.Records
		if isDocument {
			records = records.Root()
		}
		o = append(binary.AppendUvarint(o, uint64(len(d.Path))), d.Path...)
		o = binary.AppendUvarint(o, uint64(d.Rows[table]))
		o = append(binary.AppendUvarint(o, uint64(len(records))), records...)
	}
	return o
}

// Find returns which document a row comes from, counted from 1, and which of its
// records it is; 0 is the root element. It is not ok where that was not kept.
func (o Origins) Find(row int64) (path string, record int64, records xmltable.Origins, ok bool) {
	if len(o) == 0 {
		return "", 0, nil, false
	}
	r := originsReader{o[1:]}
	for len(r.left) > 0 {
		path := r.bytes()
		rows := int64(r.number())
		records := r.bytes()
		if row > rows {
			row -= rows
			continue
		}
		if o[0] == 1 {
			row = 0
		}
		return string(path), row, xmltable.Origins(records), true
	}
	return "", 0, nil, false
}

// originsReader reads what OriginsOf has written; what is cut reads as nothing.
type originsReader struct{ left []byte }

func (r *originsReader) number() uint64 {
	v, n := binary.Uvarint(r.left)
	if n <= 0 {
		r.left = nil
		return 0
	}
	r.left = r.left[n:]
	return v
}

func (r *originsReader) bytes() []byte {
	n := r.number()
	if n > uint64(len(r.left)) {
		n = uint64(len(r.left))
	}
	b := r.left[:n]
	r.left = r.left[n:]
	return b
}

// ExcerptJob asks for a record of a document that was converted.
type ExcerptJob struct {
	Source  archive.Source // that the document comes from, by the path it had
	Path    string         // of the document
	Record  int64          // of the document, from 1; 0 is its root element
	Records xmltable.Origins
	Options Options // that it was converted with
	Limits  Limits
	Scratch archive.Scratch
}

// Excerpt reads a record as it stands in its document. Of archives it unpacks what
// leads to the document, and that up to the record. Conflict says that the place of the
// record is not known, TooLarge that it is over 4 MiB, NotFound that the document is not
// there any more.
func Excerpt(ctx context.Context, job ExcerptJob) (found xmltable.Excerpt, err error) {
	listing, err := archive.List(ctx, []archive.Source{job.Source}, archive.Options{Limits: job.Limits.Archive, Scratch: job.Scratch, Filter: archive.Only(job.Path)})
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, listing.Close()) }()
	i := slices.IndexFunc(listing.Entries, func(e archive.Entry) bool { return e.Path() == job.Path })
	if i < 0 || listing.Entries[i].State != archive.Document {
		return found, fault.New(fault.NotFound, "The document that this row comes from is not there any more.")
	}
	e := &listing.Entries[i]
	in := xmltable.Input{Path: job.Path, Size: e.Size(), Open: e.Open}
	if at := e.At(); at != nil {
		in.At = func(ctx context.Context) (xmltable.Content, error) { return at(ctx) }
	}
	return job.Records.Excerpt(ctx, in, job.Record, job.Options.document(job.Limits.Document))
}
