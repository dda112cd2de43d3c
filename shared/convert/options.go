package convert

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"

	"ret/shared/archive"
	"ret/shared/fault"
	"ret/shared/xmltable"
)

// Format is what tables are written as.
type Format string

// The formats; the zero value means CSV.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// Options are a person's choices: a recipe on the command line, a job's options
// on the server. The zero value means the defaults.
type Options struct {
	Record      string   `json:"record"`     // "": chosen; "rows/row"; "//row"
	MaxRepeat   int      `json:"max_repeat"` // K; 0 means 8
	Merge       bool     `json:"merge"`      // one set of tables a group
	ByLocalName bool     `json:"by_local_name"`
	Flat        bool     `json:"flat"`
	Pivot       []string `json:"pivot,omitempty"` // "tag@k=@v"
	XML         bool     `json:"xml"`
	Trim        bool     `json:"trim"`
	Windows1252 bool     `json:"windows_1252"` // what says ISO-8859-1 is windows-1252
	Repair      bool     `json:"repair"`       // mend what is not well-formed
	KeepPartial bool     `json:"keep_partial"`
	Include     []string `json:"include,omitempty"` // patterns of paths: only these files
	Exclude     []string `json:"exclude,omitempty"` // … and not these
	Format      Format   `json:"format"`
	Delimiter   string   `json:"delimiter,omitempty"` // "": a comma; ";", "tab" or "|"
	BOM         bool     `json:"bom"`
	CRLF        bool     `json:"crlf"`
	ExcelSafe   bool     `json:"excel_safe"`

	// Layouts are what a recipe knows of earlier documents, one for each root
	// element; a run begins there.
	Layouts []*xmltable.Layout `json:"layouts,omitempty"`
}

// ParseOptions reads Options from JSON. It fails with fault.Invalid on a field it
// does not know and on values that Validate refuses; no JSON at all means the
// defaults.
func ParseOptions(data []byte) (Options, error) {
	var o Options
	if len(bytes.TrimSpace(data)) == 0 {
		return o, nil
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&o); err != nil {
		return Options{}, fault.Wrap(fault.Invalid, err, "The options cannot be read: %s.", strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := d.Token(); err != io.EOF {
		return Options{}, fault.New(fault.Invalid, "The options must be one JSON object and nothing after it.")
	}
	return o, o.Validate()
}

// Validate fails with fault.Invalid and a sentence where a choice makes no sense.
func (o Options) Validate() error {
	if o.MaxRepeat < 0 || o.MaxRepeat > maxMaxRepeat {
		return fault.New(fault.Invalid, "max_repeat must lie between 1 and %d.", maxMaxRepeat)
	}
	if o.Format != "" && o.Format != CSV && o.Format != XLSX {
		return fault.New(fault.Invalid, "The format must be csv or xlsx, not %q.", o.Format)
	}
	if delimiters[o.Delimiter] == 0 {
		return fault.New(fault.Invalid, "The delimiter must be ;, tab or |, not %q.", o.Delimiter)
	}
	for _, layout := range o.Layouts {
		if !layout.Check(xmltable.Limits{}) {
			return fault.New(fault.Invalid, "The recipe's layouts are damaged; save it again.")
		}
	}
	for _, pivot := range o.Pivot {
		if err := xmltable.CheckPivot(pivot); err != nil {
			return err
		}
	}
	if _, err := archive.NewFilter(o.Include, o.Exclude); err != nil {
		return err
	}
	return validateRecord(o.Record)
}

// list finds the documents that the options ask for.
func (o Options) list(ctx context.Context, sources []archive.Source, limits Limits, scratch archive.Scratch) (*archive.Listing, error) {
	filter, err := archive.NewFilter(o.Include, o.Exclude)
	if err != nil {
		return nil, err
	}
	return archive.List(ctx, sources, archive.Options{Limits: limits.Archive, Scratch: scratch, Filter: filter})
}

// maxMaxRepeat keeps columns within the limit of a table.
const maxMaxRepeat = 16384

// validateRecord checks the form of a record path; whether it is found depends
// on the document.
func validateRecord(record string) error {
	path, byName := strings.CutPrefix(record, "//")
	if record == "" {
		return nil
	}
	parts := strings.Split(path, "/")
	for _, part := range parts {
		if strings.TrimSpace(part) == "" || byName && len(parts) > 1 {
			return fault.New(fault.Invalid, "The record must be a path such as rows/row, or a name such as //row, not %q.", record)
		}
	}
	return nil
}

// document gives what xmltable has to know of the options.
func (o Options) document(l xmltable.Limits) xmltable.Options {
	return xmltable.Options{
		Record: o.Record, MaxRepeat: o.MaxRepeat, KeepPartial: o.KeepPartial, Merged: o.Merge, Repair: o.Repair,
		ByLocalName: o.ByLocalName, Flat: o.Flat, Pivots: o.Pivot, RecordXML: o.XML, Trim: o.Trim, Windows1252: o.Windows1252, Limits: l,
	}
}

// begin returns the shape with which a class of documents begins, of which the
// first has that shape: what a recipe knows of its root element, or that alone.
func (o Options) begin(shape *xmltable.Shape, opts xmltable.Options) *xmltable.Shape {
	for _, l := range o.Layouts {
		if l.Root == shape.RootName() || o.ByLocalName && l.LocalRoot() == shape.Root() {
			begun := l.Begin(opts)
			begun.Merge(shape)
			return begun
		}
	}
	return shape
}

// CSV gives what the writer of CSV has to know of the options.
func (o Options) CSV() xmltable.CSVOptions {
	return xmltable.CSVOptions{BOM: o.BOM, CRLF: o.CRLF, ExcelSafe: o.ExcelSafe, Delimiter: delimiters[o.Delimiter]}
}

// delimiters are what a person may say stands between the fields of a line.
var delimiters = map[string]byte{"": ',', ",": ',', ";": ';', "tab": '\t', "|": '|'}
