package xmltable

import (
	"strings"
	"testing"
)

// collected is a Sink that counts the cells of the document's values.
type collected struct {
	plan  *Plan
	cells map[string]int
}

func (c collected) Row(table int, cells [][]byte) error {
	for i, cell := range cells {
		if k := c.plan.Tables[table].Columns[i].Kind; k == Text || k == Attribute {
			c.cells[string(cell)]++
		}
	}
	return nil
}

// Every attribute value and every text stands in the cells, as often as in the
// document: on random documents, for random choices of record, in windows so
// small that everything crosses their edges.
func TestLossless(t *testing.T) {
	n := 3000
	if testing.Short() {
		n = 300
	}
	for seed := range n {
		checkLossless(t, uint64(seed))
		if t.Failed() {
			document, _ := randomDocument(uint64(seed))
			t.Fatalf("seed %d: %s", seed, document)
		}
	}
}

func FuzzLossless(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed)
	}
	f.Fuzz(checkLossless)
}

func checkLossless(t *testing.T, seed uint64) {
	document, root := randomDocument(seed)
	in := text("random.xml", document)
	opt := Options{
		MaxRepeat:   []int{0, 1, 3}[seed%3],
		windowBytes: []int{0, 64, 100, 257}[seed%4],
		Merged:      seed%5 == 0,
	}
	if seed%7 == 0 {
		opt.Record = "//a"
	}
	shape, err := Scan(t.Context(), in, opt)
	if err != nil {
		t.Fatalf("scan: %v", err)
	}
	plan, err := Choose(t.Context(), shape, opt)
	if opt.Record != "" && err != nil {
		opt.Record = ""
		plan, err = Choose(t.Context(), shape, opt)
	}
	if err != nil {
		t.Fatalf("choose: %v", err)
	}
	c := collected{plan, map[string]int{}}
	written, err := plan.Write(t.Context(), in, c)
	if err != nil {
		t.Fatalf("write: %v", err)
	}
	if written.Values != shape.Values() {
		t.Errorf("the document holds %d values, the cells %d", shape.Values(), written.Values)
	}
	c.take(t, root)
	for value, n := range c.cells {
		if n != 0 && strings.TrimSpace(value) != "" {
			t.Errorf("%q stands in %d cells too many", value, n)
		}
	}
}

// take takes the values of e, and of all below it, out of the cells.
func (c collected) take(t *testing.T, e *element) {
	t.Helper()
	for _, a := range e.attributes {
		c.takeOne(t, a[1], a[1])
	}
	if own, some := e.own(); some {
		c.takeOne(t, e.whole(), own)
	}
	for _, child := range e.content {
		if child, ok := child.(*element); ok {
			c.take(t, child)
		}
	}
}

// takeOne takes either of two values: a mixed element's text holds the text
// below it, unless records stand there.
func (c collected) takeOne(t *testing.T, value, or string) {
	t.Helper()
	if c.cells[value] == 0 {
		value = or
	}
	if c.cells[value] == 0 && strings.TrimSpace(value) != "" {
		t.Errorf("%q is lost", value)
	}
	c.cells[value]--
}
