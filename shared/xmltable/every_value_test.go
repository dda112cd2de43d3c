package xmltable

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// values are values by the path of what has them, and how many there are of each.
type values map[[2]string]int

func (v values) add(path, value string) {
	if value != "" {
		v[[2]string{path, value}]++
	}
}

func (v values) account() (a Account) {
	for of, n := range v {
		a.Values += int64(n)
		a.Bytes += int64(n * len(of[1]))
	}
	return a
}

// reading is how documents and markup are read here: by encoding/xml.
type reading struct{ trim bool }

// values reads a document, or the content of an element at a path; then own is the
// text directly inside it, and whole that with what is below.
func (r reading) values(document, at string) (v values, own, whole string, err error) {
	type open struct {
		path, own          string
		preserve, children bool
	}
	v = values{}
	stack := []open{{path: at}}
	if at != "" {
		document = `<w xmlns:x="u:x" xmlns:y="u:y">` + document + "</w>"
	}
	d := xml.NewDecoder(strings.NewReader(document))
	d.Entity = map[string]string{"e": "x&y"}
	for {
		token, err := d.Token()
		if err != nil {
			top := stack[0]
			return v, r.settle(top.own, false, top.children), r.settle(whole, false, false), ifNotEnd(err)
		}
		top := &stack[len(stack)-1]
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Local == "w" {
				continue
			}
			top.children = true
			e := open{path: top.path + "/" + qualified(token.Name.Space, token.Name.Local), preserve: top.preserve}
			for _, a := range token.Attr {
				switch {
				case a.Name.Space == "xmlns" || a.Name.Local == "xmlns":
					continue
				case a.Name.Local == "space":
					e.preserve = a.Value == "preserve"
				}
				v.add(e.path+"/@"+qualified(a.Name.Space, a.Name.Local), a.Value)
			}
			stack = append(stack, e)
		case xml.CharData:
			top.own += string(token)
			whole += string(token)
		case xml.EndElement:
			if token.Name.Local != "w" {
				v.add(top.path, r.settle(top.own, top.preserve, top.children))
				stack = stack[:len(stack)-1]
			}
		}
	}
}

func ifNotEnd(err error) error {
	if err.Error() == "EOF" {
		return nil
	}
	return err
}

// settle is text without its layout.
func (r reading) settle(text string, preserve, children bool) string {
	const blanks = " \t\r\n"
	switch {
	case preserve:
		return text
	case children && strings.Trim(text, blanks) == "":
		return ""
	}
	if left := strings.TrimLeft(text, blanks); r.trim || strings.Contains(text[:len(text)-len(left)], "\n") {
		text = left
	}
	if left := strings.TrimRight(text, blanks); r.trim || strings.Contains(text[len(left):], "\n") {
		text = left
	}
	return text
}

// decodeCSV reads a table; a cell that is absent is nil.
func decodeCSV(csv string, delimiter byte) (rows [][]*string) {
	row, b, quoted := []*string(nil), "", false
	cell := func() {
		if c := b; c != "" || quoted {
			row = append(row, &c)
		} else {
			row = append(row, nil)
		}
		b, quoted = "", false
	}
	for i := 0; i < len(csv); i++ {
		switch c := csv[i]; {
		case c == '"':
			quoted = true
			for i++; csv[i] != '"' || i+1 < len(csv) && csv[i+1] == '"'; i++ {
				if csv[i] == '"' {
					i++
				}
				b += csv[i : i+1]
			}
		case c == delimiter:
			cell()
		case c == '\n':
			cell()
			rows, row = append(rows, row), nil
		default:
			b += csv[i : i+1]
		}
	}
	return rows
}

var keyOf = regexp.MustCompile(`(?:^|[./])(tag|f)\[([a-z]+)\](?:\[[0-9]+\])?(?:~[0-9]+)?$`)

// read adds the values that stand in a table. What stands nowhere but in prose is
// read from its markup.
func (v values) read(t *testing.T, r reading, table Table, rows [][]*string, isProse func(path string) bool) {
	t.Helper()
	names := make([]*string, len(table.Columns))
	for i := range table.Columns {
		names[i] = &table.Columns[i].Name
	}
	if len(rows) == 0 || !reflect.DeepEqual(rows[0], names) {
		t.Fatalf("%s has no header of its columns: %v", table.Name, rows)
	}
	for _, row := range rows[1:] {
		markup := map[string]string{}
		for i, c := range table.Columns {
			if c.Kind == Markup && row[i] != nil && !strings.Contains(c.Name, "/") {
				markup[c.Path] = *row[i]
			}
		}
		for i, c := range table.Columns {
			if of := keyOf.FindStringSubmatch(table.Name); of != nil && c.Kind == Position {
				v.add(keyPath(withoutIndexes(c.Path)+"/", of[1]), of[2]) // each row has it
			}
			if row[i] == nil || c.Kind != Text && c.Kind != Attribute || strings.Contains(c.Name, "/") {
				continue // --flat repeats what stands elsewhere
			}
			path := withoutIndexes(c.Path)
			if of := keyOf.FindStringSubmatch(c.Name); of != nil {
				v.add(keyPath(path, of[1]), of[2])
			}
			written, mixed := markup[c.Path]
			if !mixed || c.Kind != Text {
				v.add(path, *row[i])
				continue
			}
			below, own, whole, err := r.values(written, path)
			if err != nil || whole != *row[i] {
				t.Errorf("%s#xml is %q (%v), and its text %q", c.Name, written, err, *row[i])
			}
			v.add(path, own)
			if isProse(path) {
				for of, n := range below {
					v[of] += n
				}
			}
		}
	}
}

// keyPath is where the key of a pivot stood whose value has the path.
func keyPath(path, name string) string {
	at := path[:strings.LastIndex(path, "/"+name)] + "/" + name
	if name == "tag" {
		return at + "/@k"
	}
	return at + "/n"
}

// Every value of a document stands in the cells of its path, as often and to the
// byte, by whatever options; and both accounts say how many there are. Documents,
// tables and markup are read here by nothing that the engine uses.
func TestEveryValueStandsInItsPath(t *testing.T) {
	t.Parallel()
	seeds := uint64(1200)
	if os.Getenv("RET_SOAK") != "" {
		seeds = 400_000
	}
	did := map[string]int{}
	for seed := range seeds {
		if checkEveryValue(t, seed, did); t.Failed() {
			return
		}
	}
	for _, what := range []string{"pivot", "prose", "mixed", "flat", "nested records", "recipe", "child table", "record as written"} {
		if did[what] < 50 {
			t.Errorf("%s was seen only %d times", what, did[what])
		}
	}
}

func checkEveryValue(t *testing.T, seed uint64, did map[string]int) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 77))
	document := keyedDocument(seed)
	var opt Options
	defer func() {
		if t.Failed() {
			t.Logf("seed %d, %+v: %s", seed, opt, document)
		}
	}()
	opt = Options{
		Record:    []string{"", "", "", "//i", "//none", "(document)", "//g", "g/i"}[r.IntN(8)],
		MaxRepeat: []int{0, 1, 3}[r.IntN(3)],
		Flat:      r.IntN(3) == 0, Trim: r.IntN(4) == 0, ByLocalName: r.IntN(4) == 0, RecordXML: r.IntN(3) == 0,
		Repair: r.IntN(6) == 0, Merged: r.IntN(6) == 0, KeepPartial: r.IntN(6) == 0,
		windowBytes: []int{0, 64, 130}[r.IntN(3)],
	}
	for _, p := range []string{"tag@k=@v", "f/n=v", "tag@k=#text", "i.tag@k=@v"} {
		if r.IntN(2) == 0 {
			opt.Pivots = append(opt.Pivots, p)
		}
	}
	in := text("x.xml", document)
	shape, err := Scan(t.Context(), in, opt)
	if err != nil {
		t.Fatalf("scan: %v", err)
	}
	if r.IntN(5) == 0 {
		shape = withRecipe(t, shape, seed+1, opt)
		did["recipe"]++
	}
	plan, err := Choose(t.Context(), shape, opt)
	if err != nil {
		t.Fatalf("choose: %v", err)
	}
	delimiter := []byte{',', ';', '\t', '|'}[r.IntN(4)]
	sink := newTables(plan, CSVOptions{Delimiter: delimiter})
	written, err := plan.Write(t.Context(), in, sink)
	if err != nil {
		t.Fatalf("write: %v", err)
	}
	paths := reading{opt.Trim}
	want, _, _, err := paths.values(document, "")
	if err != nil {
		t.Fatalf("encoding/xml: %v", err)
	}
	if a := want.account(); a != shape.Account() || a != written.Account {
		t.Errorf("the document holds %v; the first pass says %v, the second %v", a, shape.Account(), written.Account)
	}
	got := values{}
	isProse := proseOf(plan)
	for i, csv := range sink.csvOf(t) {
		table := plan.Tables[slices.IndexFunc(plan.Tables, func(t Table) bool { return t.Name == i })]
		rows := decodeCSV(csv, delimiter)
		got.read(t, paths, table, rows, isProse)
		checkRecords(t, paths, document, table, rows)
		note(did, opt, table, isProse)
	}
	short := shortener(opt)
	if got, want := short(got), short(want); !reflect.DeepEqual(got, want) {
		t.Errorf("the cells hold\n%v\nthe document\n%v", got, want)
	}
}

// shortener leaves of paths what the options tell.
func shortener(opt Options) func(values) values {
	return func(v values) values {
		short := values{}
		for of, n := range v {
			path := of[0]
			if opt.ByLocalName || strings.HasPrefix(opt.Record, "//") {
				path = regexp.MustCompile(`Q\{[^}]*\}`).ReplaceAllString(path, "")
			}
			if strings.HasPrefix(opt.Record, "//") {
				path = path[strings.LastIndex(path, "/")+1:] // records of all depths and namespaces stand together
			}
			short[[2]string{path, of[1]}] += n
		}
		return short
	}
}

// checkRecords holds _xml against the document.
func checkRecords(t *testing.T, r reading, document string, table Table, rows [][]*string) {
	t.Helper()
	last := len(table.Columns) - 1
	if last < 0 || table.Columns[last].Kind != Record {
		return
	}
	for _, row := range rows[1:] {
		if row[last] == nil || !strings.Contains(strings.ReplaceAll(document, "\r\n", "\n"), *row[last]) {
			t.Errorf("_xml is not in the document: %v", row[last])
			continue
		}
		if _, _, _, err := r.values(*row[last], "/x"); err != nil {
			t.Errorf("_xml is no element: %v: %s", err, *row[last])
		}
	}
}

func note(did map[string]int, opt Options, table Table, isProse func(string) bool) {
	see := func(what string, seen bool) {
		if seen {
			did[what]++
		}
	}
	see("child table", table.Parent >= 0)
	for _, c := range table.Columns {
		path := withoutIndexes(c.Path)
		see("pivot", keyOf.MatchString(c.Name))
		see("prose", c.Kind == Markup && isProse(path))
		see("mixed", c.Kind == Markup && !isProse(path))
		see("flat", opt.Flat && strings.Contains(c.Name, "/"))
		see("nested records", c.Kind == ID && table.Parent < 0 && strings.HasPrefix(opt.Record, "//"))
		see("record as written", c.Kind == Record)
	}
}

// proseOf tells the paths below which no column lies.
func proseOf(p *Plan) func(path string) bool {
	bears := map[string]bool{}
	for _, table := range p.Tables {
		for _, c := range table.Columns {
			if c.Kind == In || c.Kind == ID || c.Kind == Parent || c.Kind == Position || c.Kind == File {
				continue
			}
			path := withoutIndexes(c.Path)
			for i := strings.LastIndex(path, "/"); i > 0; i = strings.LastIndex(path[:i], "/") {
				if !strings.HasPrefix(path[i:], "/@") {
					bears[path[:i]] = true
				}
			}
		}
	}
	return func(path string) bool { return !bears[path] }
}

// withRecipe is the shape of a document after the recipe of another, which went
// through JSON as recipes do.
func withRecipe(t *testing.T, shape *Shape, seed uint64, opt Options) *Shape {
	t.Helper()
	earlier, err := Scan(t.Context(), text("earlier.xml", keyedDocument(seed)), opt)
	if err != nil {
		t.Fatalf("scan for the recipe: %v", err)
	}
	plan, err := Choose(t.Context(), earlier, opt)
	if err != nil {
		t.Fatalf("choose for the recipe: %v", err)
	}
	kept, err := json.Marshal(plan.Layout())
	if err != nil {
		t.Fatal(err)
	}
	var layout Layout
	if err := json.Unmarshal(kept, &layout); err != nil || !layout.Check(Limits{}) {
		t.Fatalf("the recipe is not read again: %v: %s", err, kept)
	}
	begun := layout.Begin(opt)
	begun.Merge(shape)
	return begun
}

// keyedDocument is a random document of records with fields, keys and prose. All have
// one root element, and their prefixes always mean the same.
func keyedDocument(seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 5))
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	var b strings.Builder
	number := 0
	value := func() string {
		number++
		return pick("", "1", " lead", "trail ", "\n laid \n", "a,b;c|d\te", `q"q`, "&amp;&#x3C;", "<![CDATA[<i>]]>", "&e;", "ü€𝄞", "<!-- c -->", "two<?p?>parts", fmt.Sprint("v", number), "a\r\nb")
	}
	plain := func() string { return pick("1", " two ", "&lt;", "", "x&#10;y", "ß") }
	key := func() string { return pick("a", "b", "c") }
	var content func(depth int)
	element := func(name string, depth int) {
		b.WriteString("<" + name)
		for _, a := range []string{"k", "x:k", "n"} {
			if r.IntN(5) == 0 {
				b.WriteString(" " + a + `="` + plain() + `"`)
			}
		}
		b.WriteString(">")
		content(depth)
		b.WriteString("</" + name + ">")
	}
	content = func(depth int) {
		for range r.IntN(7) {
			if r.IntN(3) > 0 {
				b.WriteString(pick("\n  ", " ", "\r\n"))
			}
			switch n := r.IntN(12); {
			case n < 3 && depth < 4:
				element(pick("i", "i", "g", "x:i"), depth+1)
			case n < 6:
				name := pick("a", "b", "x:a", "y:a", "a.b", "_id")
				b.WriteString("<" + name + pick("", "", ` k="`+plain()+`"`) + ">" + value() + "</" + name + ">")
			case n < 8:
				fmt.Fprintf(&b, `<tag k="%s" v="%s"%s/>`, key(), plain(), pick("", "", ` w="3"`))
			case n == 8:
				b.WriteString("<f><n>" + key() + "</n>" + pick("", "<v>"+value()+"</v>") + pick("", "<o>4</o>") + "</f>")
			case n < 11:
				b.WriteString("<p>" + value() + "words <b>" + value() + "</b>" + value() + pick("", "<x:c k='"+plain()+"'>in "+value()+"</x:c> end") + "</p>")
			case depth < 4 && r.IntN(3) == 0:
				b.WriteString("own text" + fmt.Sprint(number))
			default:
				b.WriteString(`<s xml:space="preserve">` + value() + "</s>")
			}
		}
	}
	b.WriteString(pick("", "<?xml version='1.0'?>\n") + "<!DOCTYPE r [<!ENTITY e 'x&#38;amp;y'>]>" + `<r xmlns:x="u:x" xmlns:y="u:y">`)
	for range 1 + r.IntN(3) {
		content(0)
	}
	b.WriteString("</r>")
	return b.String()
}
