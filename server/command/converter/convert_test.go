package converter

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"ret/server/command"
	"ret/shared/convert"
)

// ret runs a command line as a shell would and returns what it printed.
func ret(t *testing.T, args ...string) (code int, out, errOut string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = command.Run(t.Context(), []command.Command{Convert, Inspect, Query}, args, command.Stdio{In: strings.NewReader(""), Out: &stdout, Err: &stderr})
	return code, stdout.String(), stderr.String()
}

// inTempFolder makes a fresh folder the working one.
func inTempFolder(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
}

func writeFile(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

func readText(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// zipOf packs names and contents in turn.
func zipOf(t *testing.T, members ...string) string {
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

// filesBelow lists a folder's files, hidden ones too.
func filesBelow(t *testing.T, folder string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			below, relErr := filepath.Rel(folder, path)
			files, err = append(files, filepath.ToSlash(below)), relErr
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	return files
}

type manifestFile struct {
	Files  []convert.File   `json:"files"`
	Merged []convert.Merged `json:"merged"`
	Totals convert.Totals   `json:"totals"`
}

func readManifest(t *testing.T, out string) manifestFile {
	t.Helper()
	var m manifestFile
	if err := json.Unmarshal([]byte(readText(t, filepath.Join(out, "manifest.json"))), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

const (
	booksXML = `<library><book><title>A</title></book><book><title>B</title></book></library>`
	badXML   = "<a>\n  <b></c>\n</a>"
)

func TestConvertWritesTablesWhereTheyAreExpected(t *testing.T) {
	inTempFolder(t)
	writeFile(t, "in/a.zip", zipOf(t, "sub/x.xml", booksXML, "../../up.xml", booksXML, "n.zip", zipOf(t, "y.xml", booksXML), "readme.txt", "hello"))
	writeFile(t, "in/sub/z.xml", booksXML)
	writeFile(t, "in/.DS_Store", "junk")
	code, out, errOut := ret(t, "convert", "in/a.zip", "-o", "out", "in")
	if code != command.ExitOK || errOut != "" || !strings.Contains(out, "9 files: 7 converted, 0 failed, 2 skipped; 14 rows in out") {
		t.Errorf("code %d, printed %q and %q", code, out, errOut)
	}
	want := []string{
		"a/n/y.csv", "a/sub/x.csv", "a/up.csv",
		"in/a/n/y.csv", "in/a/sub/x.csv", "in/a/up.csv", "in/sub/z.csv", "manifest.json",
	}
	if got := filesBelow(t, "out"); !slices.Equal(got, want) {
		t.Errorf("files are %q, want %q", got, want)
	}
	if got := readText(t, "out/a/sub/x.csv"); got != "title\nA\nB\n" {
		t.Errorf("the table is %q", got)
	}
	if m := readManifest(t, "out"); m.Totals.Rows != 14 || len(m.Files) != 9 || m.Merged == nil {
		t.Errorf("the manifest says %+v", m.Totals)
	}
}

func TestConvertReportsEachFailureOnOneLine(t *testing.T) {
	inTempFolder(t)
	writeFile(t, "bad.xml", badXML)
	writeFile(t, "empty.xml", "")
	writeFile(t, "good.xml", booksXML)
	writeFile(t, "no.zip", "no zip")
	writeFile(t, "none.zip", zipOf(t, "readme.txt", "hello"))
	if err := os.Mkdir("nothing", 0o777); err != nil {
		t.Fatal(err)
	}
	code, _, errOut := ret(t, "convert", "-o", "out", "bad.xml", "empty.xml", "good.xml", "no.zip", "none.zip", "missing.xml", "missing", "nothing")
	if code != command.ExitFailed {
		t.Errorf("code %d", code)
	}
	lines := strings.Split(strings.TrimSuffix(errOut, "\n"), "\n")
	for i, want := range []string{
		"bad.xml:2:6: ", "empty.xml:1:1: ", "missing: There is no such file", "missing.xml: There is no such file",
		"no.zip: This is not a ZIP", "none.zip: The archive holds no XML", "nothing: The folder holds no file",
	} {
		if len(lines) != 7 || !strings.HasPrefix(lines[i], want) {
			t.Fatalf("line %d of\n%s\nshould begin with %s", i, errOut, want)
		}
	}
	if got := readText(t, "out/good.csv"); got != "title\nA\nB\n" {
		t.Errorf("the good one became %q", got)
	}
}

// TestStandardInput converts what comes by it: a document, an archive, packed.
func TestStandardInput(t *testing.T) {
	inTempFolder(t)
	from := func(in string, args ...string) (code int, out, errOut string) {
		var stdout, stderr bytes.Buffer
		code = command.Run(t.Context(), []command.Command{Convert, Inspect, Query}, args, command.Stdio{In: strings.NewReader(in), Out: &stdout, Err: &stderr})
		return code, stdout.String(), stderr.String()
	}
	if code, _, errOut := from("<r><a>1</a><a>2</a></r>", "convert", "-o", "out", "-"); code != 0 || readText(t, "out/stdin.csv") != "#text\n1\n2\n" {
		t.Errorf("exit %d, %s", code, errOut)
	}
	if m := readManifest(t, "out"); m.Files[0].Path != "-" || m.Files[0].Group != "files" {
		t.Errorf("manifest %+v", m.Files[0])
	}
	if code, _, errOut := from(zipOf(t, "x.xml", "<r><a>1</a><a>2</a></r>"), "convert", "-o", "zip", "-"); code != 0 || readText(t, "zip/stdin/x.csv") != "#text\n1\n2\n" {
		t.Errorf("exit %d, %s", code, errOut)
	}
	if code, out, _ := from("<r/>", "inspect", "-"); code != 0 || !strings.HasPrefix(out, "-: well-formed") {
		t.Errorf("inspect: exit %d, %s", code, out)
	}
	if code, _, errOut := from("<r/>", "convert", "-o", "twice", "-", "-"); code != 1 || !strings.Contains(errOut, "only once") {
		t.Errorf("twice: exit %d, %s", code, errOut)
	}
	if code, _, errOut := from("", "convert", "-o", "none", "-"); code != 1 || errOut == "" {
		t.Errorf("nothing: exit %d, %s", code, errOut)
	}
}

// TestIncludeAndExclude leave files out as if they were not there.
func TestIncludeAndExclude(t *testing.T) {
	inTempFolder(t)
	writeFile(t, "in/a.xml", "<r/>")
	writeFile(t, "in/b.zip", zipOf(t, "sub/x.xml", "<r/>", "sub/y.rss", "<r/>", "bad.xml", "<r>"))
	writeFile(t, "recipe.json", `{"exclude":["*.rss"]}`)
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "in/a.xml in/b.zip!/bad.xml in/b.zip!/sub/x.xml in/b.zip!/sub/y.rss"},
		{[]string{"--include", "*.xml", "--exclude", "bad.*"}, "in/a.xml in/b.zip!/sub/x.xml"},
		{[]string{"--include", "in/b.zip/sub/*"}, "in/b.zip!/sub/x.xml in/b.zip!/sub/y.rss"},
		{[]string{"--include", "in/b.zip/**", "--include", "a.xml", "--recipe", "recipe.json"}, "in/a.xml in/b.zip!/bad.xml in/b.zip!/sub/x.xml"},
	} {
		out := t.TempDir()
		ret(t, append(append([]string{"convert", "-o", out}, c.args...), "in")...)
		var paths []string
		for _, f := range readManifest(t, out).Files {
			paths = append(paths, f.Path)
		}
		slices.Sort(paths)
		if got := strings.Join(paths, " "); got != c.want {
			t.Errorf("%v gives %s, want %s", c.args, got, c.want)
		}
	}
	if code, _, errOut := ret(t, "convert", "-o", "out", "--include", "", "in"); code != 2 {
		t.Errorf("an empty pattern: exit %d, %s", code, errOut)
	}
}

// TestRepairOnTheCommandLine mends where it is asked to, and says what it did.
func TestRepairOnTheCommandLine(t *testing.T) {
	inTempFolder(t)
	writeFile(t, "x.xml", "<a><b>R&D</b></a>\n<a><b>2</b></a>")
	if code, _, errOut := ret(t, "convert", "-o", "no", "x.xml"); code != 1 || !strings.Contains(errOut, "x.xml:1:8: ") {
		t.Errorf("without: exit %d, %s", code, errOut)
	}
	if code, _, errOut := ret(t, "convert", "-o", "out", "--repair", "x.xml"); code != 0 || readText(t, "out/x.csv") != "b\nR&D\n2\n" {
		t.Errorf("exit %d, %s", code, errOut)
	}
	if w := strings.Join(readManifest(t, "out").Files[0].Warnings, "\n"); !strings.Contains(w, "1:8") || !strings.Contains(w, "2:1") {
		t.Errorf("warnings %s", w)
	}
	if code, out, _ := ret(t, "inspect", "--repair", "x.xml"); code != 0 || !strings.Contains(out, "Repaired") {
		t.Errorf("inspect: exit %d, %s", code, out)
	}
}

func TestConvertWithoutAnyXML(t *testing.T) {
	inTempFolder(t)
	writeFile(t, "in/readme.txt", "hello")
	if code, _, errOut := ret(t, "convert", "-o", "out", "in"); code != command.ExitFailed || !strings.Contains(errOut, "no XML") {
		t.Errorf("code %d, printed %q", code, errOut)
	}
}

func TestConvertSwitches(t *testing.T) {
	inTempFolder(t)
	writeFile(t, "x.xml", `<r><i><v>=1</v><w>ä</w></i><i/></r>`)
	code, _, _ := ret(t, "convert", "--bom", "--crlf", "--excel-safe", "--save-recipe", "r.json", "-o", "out", "x.xml")
	want := "\ufeffv,w\r\n'=1,ä\r\n,\r\n"
	if got := readText(t, "out/x.csv"); code != command.ExitOK || got != want {
		t.Errorf("code %d, table %q", code, got)
	}
	code, _, _ = ret(t, "convert", "--recipe", "r.json", "--bom=false", "-o", "again", "x.xml")
	if got := readText(t, "again/x.csv"); code != command.ExitOK || got != strings.TrimPrefix(want, "\ufeff") {
		t.Errorf("by recipe: code %d, table %q", code, got)
	}
}

// A recipe keeps the layout of what it has seen, separately and merged; what is new
// comes behind, with a warning.
func TestConvertByRecipe(t *testing.T) {
	inTempFolder(t)
	writeFile(t, "in/a.xml", `<r><i><b>1</b><a>1</a></i><i/></r>`)
	writeFile(t, "in/b.xml", `<r><i><a>1</a><a>2</a></i></r>`)
	writeFile(t, "c.xml", `<r><i><a>1</a><b>2</b></i><c d="4"/><c/></r>`)
	if code, _, errOut := ret(t, "convert", "--save-recipe", "r.json", "-o", "out", "in"); code != command.ExitOK {
		t.Fatalf("code %d, printed %q", code, errOut)
	}
	const want = "b,a,a[2]\n2,1,\n"
	for range 2 { // the second time by the same recipe again
		out := "again"
		code, _, errOut := ret(t, "convert", "--recipe", "r.json", "--save-recipe", "s.json", "-o", out, "c.xml")
		if got := readText(t, out+"/c.csv"); code != command.ExitOK || got != want {
			t.Errorf("code %d, printed %q, table %q", code, errOut, got)
		}
	}
	if manifest := readText(t, "again/manifest.json"); !strings.Contains(manifest, "does not know the table _document.c") {
		t.Errorf("manifest is %s", manifest)
	}
	if code, _, _ := ret(t, "convert", "--recipe", "s.json", "--merge", "-o", "merged", "c.xml", "in"); code != command.ExitOK {
		t.Fatalf("code %d", code)
	}
	if got := readText(t, "merged/in/i.csv"); got != "_file,b,a,a[2]\nin/a.xml,1,1,\nin/a.xml,,,\nin/b.xml,,1,2\n" && got != "b,a,a[2],_file\n1,1,,in/a.xml\n,,,in/a.xml\n,1,2,in/b.xml\n" {
		t.Errorf("merged: %q", got)
	}
}

func TestInspectMerged(t *testing.T) {
	inTempFolder(t)
	writeFile(t, "in/a.xml", `<r><i><a>1</a></i></r>`)
	writeFile(t, "in/b.xml", `<r><i><a>1</a><a>2</a></i><i/></r>`)
	writeFile(t, "in/c.xml", `<s/>`)
	writeFile(t, "in/d.xml", `<s>`)
	code, out, errOut := ret(t, "inspect", "--merge", "--json", "in")
	if code != command.ExitFailed || !strings.Contains(errOut, "in/d.xml:1:") {
		t.Errorf("code %d, printed %q", code, errOut)
	}
	first, rest, _ := strings.Cut(out, "\n")
	for _, want := range []string{`"group":"in","root":"r","files":2,"record":"i","candidates":[{"path":"i","count":3`, `"name":"_file"`, `"name":"a[2]"`} {
		if !strings.Contains(first, want) {
			t.Errorf("%s is not in %s", want, first)
		}
	}
	if !strings.Contains(rest, `"root":"s","files":1`) {
		t.Errorf("printed %s", rest)
	}
}

func TestConvertToWorkbook(t *testing.T) {
	inTempFolder(t)
	writeFile(t, "x.xml", `<r><h>1</h><i><n>5</n></i><i><n>7</n></i></r>`)
	writeFile(t, "long.xml", `<r>`+strings.Repeat("x", 40_000)+`</r>`)
	code, _, errOut := ret(t, "convert", "--format", "xlsx", "-o", "out", "x.xml", "long.xml")
	if code != command.ExitOK {
		t.Errorf("code %d, printed %q", code, errOut)
	}
	if got := filesBelow(t, "out"); !slices.Equal(got, []string{"long.xlsx", "manifest.json", "x.xlsx"}) {
		t.Errorf("files are %q", got)
	}
	f, err := excelize.OpenFile("out/x.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if got := f.GetSheetList(); !slices.Equal(got, []string{"i", "_document"}) {
		t.Errorf("sheets are %q", got)
	}
	if rows, err := f.GetRows("i"); err != nil || len(rows) != 3 || rows[2][0] != "7" {
		t.Errorf("rows are %q, %v", rows, err)
	}
}

func TestConvertMerges(t *testing.T) {
	inTempFolder(t)
	writeFile(t, "in/1.xml", booksXML)
	writeFile(t, "in/2.xml", booksXML)
	code, _, _ := ret(t, "convert", "--merge", "-o", "out", "in")
	if got := readText(t, "out/in/book.csv"); code != command.ExitOK || got != "_file,title\nin/1.xml,A\nin/1.xml,B\nin/2.xml,A\nin/2.xml,B\n" {
		t.Errorf("code %d, table %q", code, got)
	}
	if m := readManifest(t, "out"); len(m.Merged) != 1 || m.Merged[0].Group != "in" || m.Merged[0].Tables[0].File != "in/book.csv" {
		t.Errorf("merged are %+v", m.Merged)
	}
}

func TestConvertJSON(t *testing.T) {
	inTempFolder(t)
	writeFile(t, "x.xml", booksXML)
	_, out, _ := ret(t, "convert", "--json", "-o", "out", "x.xml")
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	var progress progressLine
	var result resultLine
	if json.Unmarshal([]byte(lines[0]), &progress) != nil || progress.Type != "progress" || progress.Total != 1 {
		t.Errorf("the first line is %s", lines[0])
	}
	last := lines[len(lines)-1]
	if json.Unmarshal([]byte(last), &result) != nil || result.Type != "result" || result.Totals.Converted != 1 {
		t.Errorf("the last line is %s", last)
	}
}

func TestConvertLeavesItsOwnOutputOut(t *testing.T) {
	inTempFolder(t)
	writeFile(t, "x.xml", booksXML)
	for _, folder := range []string{"out", "out", "."} {
		code, out, _ := ret(t, "convert", "-o", folder, ".")
		if folder == "out" && !strings.Contains(out, "0 skipped") {
			t.Errorf("printed %q", out)
		}
		if code != command.ExitOK || !strings.Contains(out, " 1 converted") {
			t.Errorf("code %d, printed %q", code, out)
		}
	}
}

func TestInterruptedConvertLeavesNothingHalfWritten(t *testing.T) {
	inTempFolder(t)
	writeFile(t, "x.xml", booksXML)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var errOut bytes.Buffer
	code := command.Run(ctx, []command.Command{Convert, Inspect, Query}, []string{"convert", "-o", "out", "x.xml"}, command.Stdio{Out: io.Discard, Err: &errOut})
	if got := filesBelow(t, "out"); code != command.ExitFailed || len(got) != 0 || !strings.Contains(errOut.String(), "interrupted") {
		t.Errorf("code %d, left %q, printed %q", code, got, errOut.String())
	}
}

func TestConvertWhereItMayNotWrite(t *testing.T) {
	inTempFolder(t)
	writeFile(t, "x.xml", booksXML)
	writeFile(t, "file", "")
	code, _, errOut := ret(t, "convert", "-o", "file/out", "x.xml")
	if code != command.ExitFailed || !strings.Contains(errOut, "cannot hold the results") {
		t.Errorf("code %d, printed %q", code, errOut)
	}
}

func TestLimitsComeFromTheEnvironment(t *testing.T) {
	inTempFolder(t)
	t.Setenv("RET_MAX_ARCHIVE_FILES", "1")
	t.Setenv("RET_ENV", "production") // concerns the server alone
	writeFile(t, "a.zip", zipOf(t, "1.xml", booksXML, "2.xml", booksXML))
	code, _, errOut := ret(t, "convert", "-o", "out", "a.zip")
	if code != command.ExitFailed || !strings.HasPrefix(errOut, "a.zip!/2.xml: The archive holds more than 1 files") {
		t.Errorf("code %d, printed %q", code, errOut)
	}
	t.Setenv("RET_MAX_ARCHIVE_FILES", "many")
	if code, _, errOut := ret(t, "convert", "-o", "out", "a.zip"); code == command.ExitOK || !strings.Contains(errOut, "RET_MAX_ARCHIVE_FILES") {
		t.Errorf("a bad limit: code %d, printed %q", code, errOut)
	}
}

func TestWrongUsage(t *testing.T) {
	inTempFolder(t)
	writeFile(t, "x.xml", booksXML)
	writeFile(t, "bad.json", `{"recrod":"x"}`)
	for _, args := range [][]string{
		{},
		{"convrt"},
		{"convert"},
		{"convert", "x.xml"},
		{"convert", "-o", "out"},
		{"convert", "--nope", "-o", "out", "x.xml"},
		{"convert", "--max-repeat", "0", "-o", "out", "x.xml"},
		{"convert", "--format", "pdf", "-o", "out", "x.xml"},
		{"convert", "--record", "a//b", "-o", "out", "x.xml"},
		{"convert", "--workers", "-1", "-o", "out", "x.xml"},
		{"convert", "--recipe", "bad.json", "-o", "out", "x.xml"},
		{"convert", "--recipe", "none.json", "-o", "out", "x.xml"},
		{"inspect"},
		{"convert", "--pivot", "tag", "-o", "out", "x.xml"},
		{"convert", "--delimiter", ":", "-o", "out", "x.xml"},
		{"version", "x"},
		{"help", "nothing"},
	} {
		if code, _, errOut := ret(t, args...); code != command.ExitUsage || errOut == "" {
			t.Errorf("%q: code %d, printed %q", args, code, errOut)
		}
	}
	if _, err := os.Stat("out"); err == nil {
		t.Error("wrong usage made the output folder")
	}
}
