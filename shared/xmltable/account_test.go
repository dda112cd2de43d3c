package xmltable

import (
	"bytes"
	"testing"
)

// Whatever the writer loses, the account does not balance.
func TestAccountFindsLosses(t *testing.T) {
	const document = `<r><i id="1" k=""><a> x </a><m>own <b>inner</b> and <b>more</b> words</m><n>q<c k="v">r</c></n><g>1</g><g>2</g></i>` +
		`<i><a>y</a><t k="key" v="value"/><m>word</m></i></r>`
	// cell says which cell of the main table's first row is spoilt.
	cell := func(plan *Plan, name string) int {
		for i, c := range plan.Tables[0].Columns {
			if c.Name == name {
				return i
			}
		}
		t.Fatalf("there is no column %s in %v", name, plan.Tables[0].Columns)
		return 0
	}
	absent := func(name string) func(*Plan, [][]byte) {
		return func(p *Plan, cells [][]byte) { cells[cell(p, name)] = nil }
	}
	changed := func(name string, change func([]byte) []byte) func(*Plan, [][]byte) {
		return func(p *Plan, cells [][]byte) { cells[cell(p, name)] = change(bytes.Clone(cells[cell(p, name)])) }
	}
	replaced := func(name, old, replacement string) func(*Plan, [][]byte) {
		return changed(name, func(b []byte) []byte { return bytes.Replace(b, []byte(old), []byte(replacement), 1) })
	}
	for name, plant := range map[string]func(*Plan, [][]byte){
		"a value is trimmed":      changed("a", bytes.TrimSpace),
		"a cell is dropped":       absent("a"),
		"an attribute is dropped": absent("@id"),
		"an attribute is merged": func(p *Plan, c [][]byte) {
			c[cell(p, "@id")], c[cell(p, "a")] = nil, append([]byte("1"), c[cell(p, "a")]...)
		},
		"a value is another's":           func(p *Plan, c [][]byte) { c[cell(p, "g")] = c[cell(p, "a")] },
		"prose is without its markup":    absent("m#xml"),
		"prose is without its text":      absent("m"),
		"prose lacks its last words":     replaced("m", " words", ""),
		"markup lacks a word":            replaced("m#xml", "<b>more</b>", ""),
		"markup lacks a text":            replaced("m#xml", "own ", ""),
		"markup is cut":                  changed("m#xml", func(b []byte) []byte { return b[:len(b)/2] }),
		"a mixed element lacks its text": absent("n"),
		"what stands in it has no cell":  absent("n.c"),
		"its attribute has no cell":      absent("n.c@k"),
		"a repeated one is dropped":      absent("g[2]"),
		"two become one":                 func(p *Plan, c [][]byte) { c[cell(p, "g")], c[cell(p, "g[2]")] = []byte("12"), nil },
		"the key of a pivot is lost":     func(p *Plan, c [][]byte) { c[cell(p, "t[key]")] = nil },
		"nothing":                        nil,
	} {
		t.Run(name, func(t *testing.T) {
			opt := Options{Pivots: []string{"t@k=@v"}, RecordXML: true}
			in := text("x.xml", document)
			shape, err := Scan(t.Context(), in, opt)
			if err != nil {
				t.Fatal(err)
			}
			plan, err := Choose(t.Context(), shape, opt)
			if err != nil {
				t.Fatal(err)
			}
			f := newFlattener(plan, in, newTables(plan, CSVOptions{}))
			if plant != nil {
				f.out.plant = func(table int, cells [][]byte) {
					if table == 0 && (name == "the key of a pivot is lost") == (cells[cell(plan, "t[key]")] != nil) {
						plant(plan, cells)
					}
				}
			}
			written, err := f.write(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			if balances := written.Account == shape.Account(); balances != (plant == nil) {
				t.Errorf("the document holds %v, the cells %v", shape.Account(), written.Account)
			}
		})
	}
}

// What is counted are values that are not empty and their bytes without layout; all
// other character data is layout.
func TestAccountCounts(t *testing.T) {
	for document, want := range map[string]struct {
		account Account
		layout  int64
	}{
		"<r>\n <i k='' l=' '>\n x\n</i>\n <i> </i></r>":                 {Account{3, 3}, 3 + 2 + 2},
		"<r><p>a <b>b</b> c <b k='ü'>\nd</b></p><p> <b/> </p></r>":      {Account{4, 5 + 1 + 2 + 1}, 1 + 2},
		"<r xml:space='preserve'>\n<i>\n</i></r>":                       {Account{3, 8 + 1 + 1}, 0},
		"<!DOCTYPE r [<!ATTLIST i z CDATA 'dd'>]><r><i/><i z='e'/></r>": {Account{2, 3}, 0},
	} {
		shape, err := Scan(t.Context(), text("x.xml", document), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if shape.Account() != want.account || shape.LayoutBytes() != want.layout {
			t.Errorf("%q: %v and %d bytes of layout, want %v", document, shape.Account(), shape.LayoutBytes(), want)
		}
		convert(t, Options{}, text("x.xml", document))
	}
}
