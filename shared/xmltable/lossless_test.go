package xmltable

import (
	"bytes"
	"encoding/xml"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// collected is a Sink that counts the cells of the document's values, and the
// values that stand in no other cell than the markup of prose.
type collected struct {
	plan   *Plan
	prose  map[string]bool // columns of markup whose elements have no columns of their own
	cells  map[string]int
	inside map[string]int // texts in prose, with their layout
}

func newCollected(p *Plan) collected {
	c := collected{p, map[string]bool{}, map[string]int{}, map[string]int{}}
	below := map[string]bool{}
	for _, t := range p.Tables {
		for _, column := range t.Columns {
			steps := strings.Split(withoutIndexes(column.Path), "/")
			for n := range steps {
				if n+1 < len(steps) && !strings.HasPrefix(steps[n+1], "@") {
					below[strings.Join(steps[:n+1], "/")] = true
				}
			}
		}
	}
	for _, t := range p.Tables {
		for _, column := range t.Columns {
			path := withoutIndexes(column.Path)
			c.prose[column.Path] = !below[path]
		}
	}
	return c
}

var indexes = regexp.MustCompile(`\[[0-9]+\]`)

func withoutIndexes(path string) string { return indexes.ReplaceAllString(path, "") }

func (c collected) Row(table int, cells [][]byte) error {
	for i, cell := range cells {
		column := c.plan.Tables[table].Columns[i]
		switch {
		case strings.Contains(column.Name, "/"): // --flat repeats what stands elsewhere
		case column.Kind == Text || column.Kind == Attribute:
			c.cells[string(cell)]++
		case column.Kind == Markup && cell != nil && c.prose[column.Path]:
			c.readMarkup(cell)
		}
	}
	return nil
}

// readMarkup reads prose as encoding/xml does.
func (c collected) readMarkup(markup []byte) {
	d := xml.NewDecoder(bytes.NewReader(markup))
	d.Entity = map[string]string{"amper": "&", "e": "x&y"}
	texts := []string{""}
	for {
		token, err := d.RawToken()
		if err != nil {
			return
		}
		switch token := token.(type) {
		case xml.StartElement:
			texts = append(texts, "")
			z := token.Name.Local != "d" || token.Name.Space != ""
			for _, a := range token.Attr {
				if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
					c.cells[a.Value]++
				}
				z = z || a.Name.Local == "z"
			}
			if !z {
				c.cells["fallback"]++
			}
		case xml.CharData:
			texts[len(texts)-1] += string(token)
		case xml.EndElement:
			c.inside[texts[len(texts)-1]]++
			texts = texts[:len(texts)-1]
		}
	}
}

// Every attribute value and every text stands in the cells, as often as in the
// document: on random documents, for random choices of record, in windows so
// small that everything crosses their edges.
func TestLossless(t *testing.T) {
	t.Parallel()
	n := 3000
	if testing.Short() || runtime.GOARCH == "wasm" { // which shows that it is the same code there
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
		opt.Record = []string{"//a", "//nope", "(document)"}[seed%3]
	}
	opt.Trim, opt.ByLocalName, opt.RecordXML, opt.Flat = seed%11 == 0, seed%13 == 0, seed%17 == 0, seed%2 == 0
	if opt.Trim {
		root.trim()
	}
	shape, err := Scan(t.Context(), in, opt)
	if err != nil {
		t.Fatalf("scan: %v", err)
	}
	if seed%19 == 0 {
		shape = afterRecipe(t, shape, seed, opt)
	}
	plan, err := Choose(t.Context(), shape, opt)
	if err != nil {
		t.Fatalf("choose: %v", err)
	}
	c := newCollected(plan)
	written, err := plan.Write(t.Context(), in, c)
	if err != nil {
		t.Fatalf("write: %v", err)
	}
	if written.Account != shape.Account() {
		t.Errorf("the document holds %v, the cells %v", shape.Account(), written.Account)
	}
	c.take(t, root)
	for value, n := range c.cells {
		if n > 0 {
			n = max(0, n-c.inside["whole "+value])
		}
		if n != 0 && strings.TrimSpace(value) != "" {
			t.Errorf("%q stands in %d cells too many", value, n)
		}
	}
}

// afterRecipe is the shape of a document that comes after the recipe of another one,
// if that has the same root element.
func afterRecipe(t *testing.T, shape *Shape, seed uint64, opt Options) *Shape {
	t.Helper()
	for other := seed + 1; other < seed+40; other++ {
		document, _ := randomDocument(other)
		earlier, err := Scan(t.Context(), text("earlier.xml", document), opt)
		if err != nil || earlier.RootName() != shape.RootName() {
			continue
		}
		plan, err := Choose(t.Context(), earlier, opt)
		if err != nil {
			t.Fatalf("choose for the recipe: %v", err)
		}
		begun := plan.Layout().Begin(opt)
		begun.Merge(shape)
		return begun
	}
	return shape
}

// take takes the values of e, and of all below it, out of the cells.
func (c collected) take(t *testing.T, e *element) {
	t.Helper()
	for _, a := range e.attributes {
		c.takeOne(t, a[1], a[1])
	}
	if own, some := e.own(); !some && e.bears() {
		c.inside["whole "+e.whole()]++ // a mixed element shows its whole text without one of its own
	} else if some {
		if raw := e.raw(); c.inside[raw] > 0 && c.cells[e.whole()] == 0 && c.cells[own] == 0 {
			c.inside[raw]--
		} else {
			c.takeOne(t, e.whole(), own)
		}
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
