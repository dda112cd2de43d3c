package convert_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"ret/shared/archive"
	"ret/shared/convert"
	"ret/shared/fault"
	"ret/shared/xmltable"
)

type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

func source(path, data string) archive.Source {
	return archive.Source{Path: path, Size: int64(len(data)), Open: func(context.Context) (archive.Content, error) {
		return memory{bytes.NewReader([]byte(data))}, nil
	}}
}

// zipped packs names and contents in turn.
func zipped(t testing.TB, members ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		f, err := w.Create(members[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, members[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// shelf is a Store in memory.
type shelf struct {
	mu       sync.Mutex
	open     int // tables begun, neither finished nor aborted
	files    map[string]string
	results  []convert.Result
	manifest bytes.Buffer
	writer   *convert.ManifestWriter

	rowErr, closeErr error
	onRow, onFinish  func()
}

func newShelf() *shelf {
	s := &shelf{files: map[string]string{}, onRow: func() {}, onFinish: func() {}}
	s.writer = convert.NewManifestWriter(&s.manifest)
	return s
}

type sheaf struct {
	shelf *shelf
	bufs  []*bytes.Buffer
	csvs  []*xmltable.CSV
}

func (s *shelf) Begin(_ context.Context, tables []xmltable.Table) (convert.Tables, error) {
	s.count(1)
	sh := &sheaf{shelf: s}
	for _, t := range tables {
		b := &bytes.Buffer{}
		sh.bufs = append(sh.bufs, b)
		sh.csvs = append(sh.csvs, xmltable.NewCSV(b, t.Columns, xmltable.CSVOptions{}))
	}
	return sh, nil
}

func (s *shelf) count(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open += n
}

func (sh *sheaf) Row(table int, cells [][]byte) error {
	sh.shelf.onRow()
	if err := sh.shelf.rowErr; err != nil {
		return err
	}
	return sh.csvs[table].Row(cells)
}

func (sh *sheaf) Close() error {
	for _, c := range sh.csvs {
		if err := c.Flush(); err != nil {
			return err
		}
	}
	return sh.shelf.closeErr
}

func (sh *sheaf) Abort() { sh.shelf.count(-1) }

func (s *shelf) Finish(_ context.Context, r convert.Result) error {
	s.onFinish()
	s.results = append(s.results, r)
	if r.Tables == nil {
		return s.writer.Add(r)
	}
	s.count(-1)
	tables := r.Files[0].Tables
	if r.Merged != nil {
		tables = r.Merged.Tables
	}
	for i, b := range r.Tables.(*sheaf).bufs {
		s.files[tables[i].File] = b.String()
	}
	return s.writer.Add(r)
}

// run converts onto the shelf and checks that nothing is left half-written.
func run(t testing.TB, s *shelf, opts convert.Options, sources ...archive.Source) convert.Totals {
	t.Helper()
	totals, err := convert.Run(t.Context(), convert.Job{Sources: sources, Options: opts, Store: s, Workers: 4})
	if err != nil {
		t.Fatal(err)
	}
	if s.open != 0 {
		t.Errorf("%d sets of tables are neither finished nor aborted", s.open)
	}
	if err := s.writer.Close(); err != nil {
		t.Fatal(err)
	}
	return totals
}

func (s *shelf) paths() string {
	var paths []string
	for _, r := range s.results {
		for _, f := range r.Files {
			paths = append(paths, f.Path)
		}
	}
	return strings.Join(paths, " ")
}

const (
	books = `<library><book id="1"><title>A</title></book><book id="2"><title>B, C</title></book></library>`
	bad   = "<a>\n  <b></c>\n</a>"
)

func TestManifestIsAsTheContractHasIt(t *testing.T) {
	s := newShelf()
	run(
		t, s, convert.Options{},
		source("in/a.zip", zipped(t, "sub/x.xml", books, "readme.txt", "hello", "n.zip", zipped(t, "y.xml", "<r><v>1</v></r>"))),
		source("bad.xml", bad),
	)
	want := `{"files":[
{"path":"bad.xml","group":"files","status":"failed","bytes":18,"error":{"line":2,"column":6,"message":"MESSAGE"}},
{"path":"in/a.zip!/n.zip!/y.xml","group":"n","status":"converted","root":"r","record":"(document)","bytes":15,"values":{"in":1,"out":1,"bytes_in":1,"bytes_out":1,"layout_bytes":0},"tables":[{"name":"r","parent":null,"file":"in/a/n/y.csv","rows":1,"columns":[{"name":"v","path":"/r/v","kind":"text"}]}],"warnings":[]},
{"path":"in/a.zip!/readme.txt","group":"a","status":"skipped","reason":"not XML"},
{"path":"in/a.zip!/sub/x.xml","group":"a","status":"converted","root":"library","record":"book","bytes":94,"values":{"in":4,"out":4,"bytes_in":7,"bytes_out":7,"layout_bytes":0},"tables":[{"name":"book","parent":null,"file":"in/a/sub/x.csv","rows":2,"columns":[{"name":"@id","path":"/library/book/@id","kind":"attribute"},{"name":"title","path":"/library/book/title","kind":"text"}]}],"warnings":[]}],
"merged":[],
"totals":{"files":4,"converted":2,"failed":1,"skipped":1,"rows":3,"bytes":109}}
`
	message := s.results[0].Files[0].Error.Message
	want = strings.Replace(want, "MESSAGE", message, 1)
	if got := s.manifest.String(); got != want || message == "" {
		t.Errorf("manifest is\n%s\nwant\n%s", got, want)
	}
	if !json.Valid(s.manifest.Bytes()) {
		t.Error("the manifest is no JSON")
	}
	if got := s.files["in/a/sub/x.csv"]; got != "@id,title\n1,A\n2,\"B, C\"\n" {
		t.Errorf("table is %q", got)
	}
}

func TestResultsComeInOrderWithAnyNumberOfWorkers(t *testing.T) {
	var members, want []string
	for i := range 300 {
		name := fmt.Sprintf("f%03d.xml", i)
		document := books
		if i%7 == 0 {
			document = bad
		}
		if i%50 == 0 {
			document = "<r>" + strings.Repeat("<i>1</i>", 50_000) + "</r>"
		}
		members = append(members, name, document)
		want = append(want, "a.zip!/"+name)
	}
	s := newShelf()
	totals := run(t, s, convert.Options{}, source("a.zip", zipped(t, members...)))
	if got := s.paths(); got != strings.Join(want, " ") {
		t.Errorf("results come as %s", got)
	}
	if totals.Converted+totals.Failed != 300 || totals.Failed != 42 {
		t.Errorf("totals are %+v", totals)
	}
}

func TestSkippedFilesAreNotReportedAgain(t *testing.T) {
	s := newShelf()
	var last convert.Progress
	_, err := convert.Run(t.Context(), convert.Job{
		Sources:  []archive.Source{source("a.xml", books), source("b.xml", books)},
		Store:    s,
		Skip:     func(path string) bool { return path == "a.xml" },
		Progress: func(p convert.Progress) { last = p },
	})
	if err != nil || s.paths() != "b.xml" || last.Done != 2 || last.Total != 2 || last.Bytes != int64(2*len(books)) {
		t.Errorf("%v, reported %s, progress %+v", err, s.paths(), last)
	}
}

func TestCancelLeavesNothingHalfWritten(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	big := "<r>" + strings.Repeat("<i>1</i>", 200_000) + "</r>"
	s := newShelf()
	s.onFinish = cancel // while the others are at work
	_, err := convert.Run(ctx, convert.Job{
		Sources: []archive.Source{source("a.xml", books), source("b.xml", big), source("c.xml", big), source("d.xml", books)},
		Store:   s, Workers: 4,
	})
	if !errors.Is(err, context.Canceled) || s.open != 0 {
		t.Errorf("%v; %d sets of tables are left open", err, s.open)
	}
}

func TestStoreErrors(t *testing.T) {
	for name, c := range map[string]struct {
		err      error
		endsRun  bool
		inRow    bool
		sentence string
	}{
		"row that does not fit":  {err: fault.New(fault.TooLarge, "Too long for Excel."), inRow: true},
		"table that cannot stay": {err: fault.New(fault.TooLarge, "Too long for Excel.")},
		"full disk":              {err: fault.New(fault.NoSpace, "The disk is full."), inRow: true, endsRun: true},
		"anything else":          {err: errors.New("broken"), endsRun: true},
	} {
		s := newShelf()
		if c.inRow {
			s.rowErr = c.err
		} else {
			s.closeErr = c.err
		}
		_, err := convert.Run(t.Context(), convert.Job{Sources: []archive.Source{source("a.xml", books)}, Store: s})
		if c.endsRun != errors.Is(err, c.err) || s.open != 0 {
			t.Errorf("%s: run ends with %v, %d open", name, err, s.open)
		}
		if !c.endsRun && (len(s.results) != 1 || s.results[0].Files[0].Error.Message != "Too long for Excel.") {
			t.Errorf("%s: results are %+v", name, s.results)
		}
	}
}

func TestKeepPartial(t *testing.T) {
	broken := "<r><i>1</i><i>2</i><i>3</i><i"
	s := newShelf()
	run(t, s, convert.Options{KeepPartial: true}, source("x.xml", broken))
	f := s.results[0].Files[0]
	if f.Status != convert.Converted || !f.Partial || f.Error == nil || f.Error.Line != 1 || s.files["x.csv"] != "#text\n1\n2\n3\n" {
		t.Errorf("%+v with %q", f, s.files)
	}
	s = newShelf()
	run(t, s, convert.Options{}, source("x.xml", broken))
	if f := s.results[0].Files[0]; f.Status != convert.Failed || len(s.files) != 0 {
		t.Errorf("without keep_partial: %+v with %q", f, s.files)
	}
}

func TestMergeByGroupAndClass(t *testing.T) {
	row := func(root, cells string) string { return "<" + root + "><row>" + cells + "</row><row/></" + root + ">" }
	s := newShelf()
	totals := run(
		t, s, convert.Options{Merge: true},
		source("G.zip", zipped(t, "1.xml", row("r", "<a>1</a>"), "2.xml", row("s", "<b>2</b>"), "bad.xml", bad)),
		source("x/g.zip", zipped(t, "3.xml", row("r", "<c>3</c>"))),
		source("other.xml", "<o><h>1</h><row/><row/></o>"),
	)
	want := map[string]string{
		"G/row.csv":           "_file,a,c\nG.zip!/1.xml,1,\nG.zip!/1.xml,,\nx/g.zip!/3.xml,,3\nx/g.zip!/3.xml,,\n",
		"G/row~2.csv":         "_file,b\nG.zip!/2.xml,2\nG.zip!/2.xml,\n",
		"files/row.csv":       "_file,#text\nother.xml,\"\"\nother.xml,\"\"\n",
		"files/_document.csv": "_file,h\nother.xml,1\n",
	}
	for name, content := range want {
		if s.files[name] != content {
			t.Errorf("%s is %q, want %q", name, s.files[name], content)
		}
	}
	if len(s.files) != len(want) || totals.Converted != 4 || totals.Failed != 1 || totals.Rows != 9 {
		t.Errorf("totals %+v, files %v", totals, s.files)
	}
	merged := s.results[2].Merged
	if merged == nil || merged.Group != "G" || merged.Root != "s" || merged.Tables[0].Name != "row~2" {
		t.Errorf("the second class is %+v", merged)
	}
}

func TestMergedClassGoesOnWithoutAFileThatFailsLate(t *testing.T) {
	s := newShelf()
	limits := convert.Limits{Document: xmltable.Limits{OutputRatio: 1, OutputFloorBytes: 1000}}
	var wide strings.Builder // its columns repeat in every row, so that its tables outgrow it
	for i := range 200 {
		fmt.Fprintf(&wide, "<row><c%d>1</c%d></row>", i, i)
	}
	totals, err := convert.Run(t.Context(), convert.Job{
		Sources: []archive.Source{source("a.xml", "<r><row><v>1</v></row><row/></r>"), source("b.xml", "<r>"+wide.String()+"</r>")},
		Options: convert.Options{Merge: true}, Limits: limits, Store: s,
	})
	if err != nil || totals.Converted != 1 || totals.Failed != 1 || s.open != 0 {
		t.Fatalf("%+v, %v, %d open", totals, err, s.open)
	}
	if got := s.files["files/row.csv"]; got != "_file,v\na.xml,1\na.xml,\n" {
		t.Errorf("the table is %q", got)
	}
}
