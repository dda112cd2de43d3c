package xmltable

import (
	"encoding/json"
	"testing"
)

// A pivot of any document, whatever its path, keeps every value or is an error.
func FuzzPivot(f *testing.F) {
	for seed := range uint64(6) {
		f.Add(keyedDocument(seed), "tag@k=@v", byte(seed))
		f.Add(keyedDocument(seed), "f/n=v", byte(seed+9))
	}
	f.Add("<r><i><tag k='a'>1</tag><tag k='[2]'>2</tag></i><i><x:tag xmlns:x='u' k='a'/></i></r>", "tag@k=#text", byte(0))
	f.Add("<r><i><g><p n='1'/></g></i><i/></r>", `g.p@n=q`, byte(1))
	f.Add("<tag k='1'><tag k='2'/></tag>", "tag@k=@v", byte(0))
	f.Fuzz(func(t *testing.T, document, pivot string, options byte) {
		if CheckPivot(pivot) != nil {
			t.Skip()
		}
		checkBalance(t, nil, document, fuzzOptions(options, pivot))
	})
}

// A document after the recipe of another keeps every value, or is an error.
func FuzzRecipe(f *testing.F) {
	for seed := range uint64(6) {
		f.Add(keyedDocument(seed), keyedDocument(seed+1), byte(seed))
	}
	f.Add("<r><i><a>1</a><a>2</a></i><i/></r>", "<r><i><a>1</a><a>2</a><a>3</a><b c='4'/></i></r>", byte(4))
	f.Fuzz(func(t *testing.T, earlier, document string, options byte) {
		opt := fuzzOptions(options, "tag@k=@v")
		shape, err := Scan(t.Context(), text("earlier.xml", earlier), opt)
		if err != nil {
			t.Skip()
		}
		plan, err := Choose(t.Context(), shape, opt)
		if err != nil {
			t.Skip()
		}
		kept, err := json.Marshal(plan.Layout())
		if err != nil {
			t.Fatal(err)
		}
		checkBalance(t, kept, document, opt)
	})
}

// A recipe may say anything: it is refused, or keeps every value as well.
func FuzzRecipeFile(f *testing.F) {
	for seed := range uint64(6) {
		shape, err := Scan(f.Context(), text("x.xml", keyedDocument(seed)), Options{})
		if err != nil {
			f.Fatal(err)
		}
		plan, err := Choose(f.Context(), shape, Options{})
		if err != nil {
			f.Fatal(err)
		}
		kept, err := json.Marshal(plan.Layout())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(kept, keyedDocument(seed+2), byte(seed))
	}
	f.Fuzz(func(t *testing.T, kept []byte, document string, options byte) {
		checkBalance(t, kept, document, fuzzOptions(options, "tag@k=@v"))
	})
}

func fuzzOptions(bits byte, pivot string) Options {
	return Options{
		Record:    []string{"", "//i", "(document)", "g/i"}[bits&3],
		MaxRepeat: int(bits>>2&1) * 2, Flat: bits&8 > 0, ByLocalName: bits&16 > 0, RecordXML: bits&32 > 0,
		Repair: bits&64 > 0, KeepPartial: bits&128 > 0, Pivots: []string{pivot},
	}
}

// checkBalance converts a document, after a recipe if there is one, and holds the two
// accounts against each other and the names of tables and columns apart.
func checkBalance(t *testing.T, recipe []byte, document string, opt Options) {
	t.Helper()
	in := text("x.xml", document)
	shape, err := Scan(t.Context(), in, opt)
	if err != nil {
		return
	}
	if recipe != nil {
		var l Layout
		if json.Unmarshal(recipe, &l) != nil || !l.Check(Limits{}) {
			return
		}
		if l.Root != shape.RootName() {
			return
		}
		begun := l.Begin(opt)
		begun.Merge(shape)
		shape = begun
	}
	plan, err := Choose(t.Context(), shape, opt)
	if err != nil {
		return
	}
	names := map[string]bool{}
	for _, table := range plan.Tables {
		if names[table.Name] {
			t.Errorf("two tables are called %q", table.Name)
		}
		names[table.Name] = true
		columns := map[string]bool{}
		for _, c := range table.Columns {
			if columns[c.Name] {
				t.Errorf("two columns of %q are called %q", table.Name, c.Name)
			}
			columns[c.Name] = true
		}
	}
	written, err := plan.Write(t.Context(), in, newTables(plan, CSVOptions{}))
	if err == errChanged {
		t.Fatal("the document has not changed")
	}
	if err == nil && written.Partial == nil && written.Account != shape.Account() {
		t.Errorf("the document holds %v, the cells %v", shape.Account(), written.Account)
	}
}
