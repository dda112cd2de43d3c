package convert

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strings"

	"ret/shared/xmltable"
)

// Status is what became of a file.
type Status string

// The statuses of a file.
const (
	Converted Status = "converted"
	Failed    Status = "failed"
	Skipped   Status = "skipped"
)

// File is a file's record in the manifest.
type File struct {
	Path     string   `json:"path"`
	Group    string   `json:"group"`
	Status   Status   `json:"status"`
	Partial  bool     `json:"partial,omitempty"` // only the rows before Error were kept
	Root     string   `json:"root,omitempty"`
	Record   string   `json:"record,omitempty"`
	Bytes    int64    `json:"bytes,omitempty"`
	Values   *Values  `json:"values,omitempty"`
	Tables   []Table  `json:"tables,omitzero"`
	Warnings []string `json:"warnings,omitzero"` // not nil for a converted file
	Error    *Error   `json:"error,omitempty"`
	Reason   string   `json:"reason,omitempty"` // why it was skipped
}

// Values is the account: how many values a document holds and how many stand in
// cells, and their bytes; and the bytes of character data that are layout.
type Values struct {
	In          int64 `json:"in"`
	Out         int64 `json:"out"`
	BytesIn     int64 `json:"bytes_in"`
	BytesOut    int64 `json:"bytes_out"`
	LayoutBytes int64 `json:"layout_bytes"`
}

// Table is a table's record in the manifest.
type Table struct {
	Name    string            `json:"name"`
	Parent  *string           `json:"parent"` // name of the parent table, or null
	File    string            `json:"file"`   // path below the output folder
	Rows    int64             `json:"rows"`
	Columns []xmltable.Column `json:"columns"`
}

// Error says why a file failed; Line and Column count from 1 and are 0 where
// there is no place.
type Error struct {
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`
}

// Merged is the record of the tables that one class of a group shares.
type Merged struct {
	Group  string  `json:"group"`
	Root   string  `json:"root"`
	Tables []Table `json:"tables"`
}

// Totals sums a run up. Rows counts all tables; Bytes the converted documents.
type Totals struct {
	Files     int   `json:"files"`
	Converted int   `json:"converted"`
	Failed    int   `json:"failed"`
	Skipped   int   `json:"skipped"`
	Rows      int64 `json:"rows"`
	Bytes     int64 `json:"bytes"`
}

// Add counts r in.
func (t *Totals) Add(r Result) {
	for _, f := range r.Files {
		t.Files++
		switch f.Status {
		case Converted:
			t.Converted++
			t.Bytes += f.Bytes
		case Failed:
			t.Failed++
		case Skipped:
			t.Skipped++
		}
		t.addRows(f.Tables)
	}
	if r.Merged != nil {
		t.addRows(r.Merged.Tables)
	}
}

func (t *Totals) addRows(tables []Table) {
	for _, table := range tables {
		t.Rows += table.Rows
	}
}

// ManifestWriter writes manifest.json while the results come, so that a hundred
// thousand files need not be held in memory. Not for concurrent use.
type ManifestWriter struct {
	w      *bufio.Writer
	buf    bytes.Buffer
	files  int
	merged []Merged
	totals Totals
	err    error
}

// NewManifestWriter begins a manifest on w.
func NewManifestWriter(w io.Writer) *ManifestWriter {
	m := &ManifestWriter{w: bufio.NewWriter(w), merged: []Merged{}}
	m.write(`{"files":[`)
	return m
}

// Add appends a result.
func (m *ManifestWriter) Add(r Result) error {
	for _, f := range r.Files {
		if m.files++; m.files > 1 {
			m.write(",")
		}
		m.write("\n")
		m.encode(f)
	}
	if r.Merged != nil {
		m.merged = append(m.merged, *r.Merged)
	}
	m.totals.Add(r)
	return m.err
}

// Close ends the manifest; it does not close the underlying writer.
func (m *ManifestWriter) Close() error {
	m.write("],\n" + `"merged":`)
	m.encode(m.merged)
	m.write(",\n" + `"totals":`)
	m.encode(m.totals)
	m.write("}\n")
	if m.err != nil {
		return m.err
	}
	return m.w.Flush()
}

func (m *ManifestWriter) write(s string) {
	if m.err == nil {
		_, m.err = m.w.WriteString(s)
	}
}

func (m *ManifestWriter) encode(v any) {
	if m.err != nil {
		return
	}
	m.buf.Reset()
	e := json.NewEncoder(&m.buf)
	e.SetEscapeHTML(false) // messages quote markup
	if m.err = e.Encode(v); m.err == nil {
		m.write(strings.TrimSuffix(m.buf.String(), "\n"))
	}
}
