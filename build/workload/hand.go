package workload

import (
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// handTable is a table as someone knows it who writes a converter for one sort of
// document: the element that is a row, and the names of the elements and, with @,
// of the attributes that are its columns.
type handTable struct {
	row     string
	columns []string
}

// ByHand reports whether ConvertByHand knows this kind.
func (k Kind) ByHand() bool { return len(k.tables) > 0 }

// ConvertByHand converts a document of this kind, in UTF-8, with encoding/xml and
// encoding/csv: raw tokens, in one pass, with all columns known beforehand and
// none to be found out. It returns the number of rows. It is the rival, so it has
// every advantage.
func (k Kind) ConvertByHand(document io.Reader) (rows int64, err error) {
	c := handConverter{tables: map[string]*handRows{}}
	for _, t := range k.tables {
		c.tables[t.row] = newHandRows(t)
	}
	d := xml.NewDecoder(document)
	for {
		token, err := d.RawToken()
		if err == io.EOF {
			return c.rows, c.flush()
		}
		if err != nil {
			return 0, fmt.Errorf("convert by hand: %w", err)
		}
		if err := c.take(token); err != nil {
			return 0, err
		}
	}
}

// handConverter has the rows that are open, the innermost last.
type handConverter struct {
	tables map[string]*handRows
	open   []*handRows
	text   strings.Builder
	rows   int64
}

func (c *handConverter) take(token xml.Token) error {
	switch token := token.(type) {
	case xml.StartElement:
		c.start(token)
	case xml.CharData:
		c.text.Write(token)
	case xml.EndElement:
		return c.end(token.Name.Local)
	}
	return nil
}

func (c *handConverter) start(e xml.StartElement) {
	c.text.Reset()
	if t := c.tables[e.Name.Local]; t != nil {
		clear(t.cells)
		c.open = append(c.open, t)
	}
	if len(c.open) == 0 {
		return
	}
	t := c.open[len(c.open)-1]
	for _, a := range e.Attr {
		if i, ok := t.attributes[a.Name.Local]; ok {
			t.cells[i] = a.Value
		}
	}
}

func (c *handConverter) end(name string) error {
	if len(c.open) == 0 {
		return nil
	}
	t := c.open[len(c.open)-1]
	if name == t.row {
		c.open = c.open[:len(c.open)-1]
		c.rows++
		return t.csv.Write(t.cells)
	}
	if i, ok := t.elements[name]; ok {
		t.cells[i] = strings.TrimSpace(c.text.String())
	}
	return nil
}

func (c *handConverter) flush() error {
	for _, t := range c.tables {
		t.csv.Flush()
		if err := t.csv.Error(); err != nil {
			return err
		}
	}
	return nil
}

// handRows writes the rows of one table.
type handRows struct {
	row                  string
	elements, attributes map[string]int // columns by local name
	cells                []string
	csv                  *csv.Writer
}

func newHandRows(t handTable) *handRows {
	r := &handRows{
		row: t.row, elements: map[string]int{}, attributes: map[string]int{},
		cells: make([]string, len(t.columns)), csv: csv.NewWriter(io.Discard),
	}
	for i, column := range t.columns {
		if name, ok := strings.CutPrefix(column, "@"); ok {
			r.attributes[name] = i
		} else {
			r.elements[column] = i
		}
	}
	return r
}
