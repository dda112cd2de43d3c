package system

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ret/build/retproc"
)

// The command line and the server make the same bytes of the same input.
func TestConvertAndServerAgree(t *testing.T) {
	t.Parallel()
	who := admin(t, start(t))
	for _, way := range []struct {
		name, options, query string
		flags                []string
	}{
		{"csv", ``, "?format=csv", nil},
		{"switches", ``, "?bom=1&crlf=1&excel_safe=1", []string{"--bom", "--crlf", "--excel-safe"}},
		{"merged", `{"merge":true}`, "", []string{"--merge"}},
		{"narrow", `{"max_repeat":1}`, "", []string{"--max-repeat", "1"}},
		{"partial", `{"keep_partial":true}`, "", []string{"--keep-partial"}},
		{"workbooks", ``, "?format=xlsx", []string{"--format", "xlsx"}},
	} {
		t.Run(way.name, func(t *testing.T) {
			input := mixedArchive(t)
			done := who.convert(way.options, file{"export.zip", input})
			byServer := who.exported(t, way.query, done)
			byCommand := convertByCommand(t, who.server, way.flags, file{"export.zip", input})
			sameFiles(t, byServer, byCommand)
		})
	}
}

// mixedArchive holds what an export in the wild does: nested archives, repeats,
// mixed content, names that clash, a broken document and a file that is no XML.
func mixedArchive(t testing.TB) []byte {
	t.Helper()
	inner := makeZip(t, text("deep/books.xml", books(30)), text("deep/BOOKS.xml", books(2)), text("a:b?.xml", "<r><row>=1+1</row><row>x,\"y\"</row></r>"))
	files := []file{
		{"inner.zip", inner},
		{"007_batch.zip", inner},
		text("readme.txt", "no markup here"), text("broken.xml", "<a>\n<b>1</b><b>2</b></c>\n</a>"), text("empty.xml", ""),
		text("many.xml", "<r><o>"+strings.Repeat("<l>1</l>", 20)+"</o><o><l>2</l></o></r>"),
	}
	for i, doc := range flatteningCases(t) {
		files = append(files, text(fmt.Sprintf("cases/%02d.xml", i+1), doc.xml))
	}
	return makeZip(t, files...)
}

// exported downloads all tables of a job's file.
func (c *client) exported(t testing.TB, query string, of job) map[string]string {
	t.Helper()
	separator := "?"
	if query != "" {
		separator = "&"
	}
	a := c.do("GET", "/api/v1/export"+query+separator+"file="+of.Files[0], nil).want(t, 200)
	return unzip(t, a.content)
}

func unzip(t testing.TB, content []byte) map[string]string {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, entry := range r.File {
		f, err := entry.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		if files[entry.Name] != "" {
			t.Errorf("%s stands twice in the export", entry.Name)
		}
		files[entry.Name] = string(body)
	}
	return files
}

// convertByCommand runs ret convert and reads what it wrote.
func convertByCommand(t testing.TB, server *retproc.Server, flags []string, inputs ...file) map[string]string {
	t.Helper()
	in, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
	args := append([]string{"convert"}, flags...)
	args = append(args, "-o", out)
	for _, f := range inputs {
		path := filepath.Join(in, f.name)
		if err := os.WriteFile(path, f.content, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	if said, code := server.Run(t, nil, args...); code == 2 {
		t.Fatal(said)
	}
	files := map[string]string{}
	err := filepath.WalkDir(out, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, out+"/")] = string(body)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func sameFiles(t testing.TB, got, want map[string]string) {
	t.Helper()
	if g, w := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)); !slices.Equal(g, w) {
		t.Fatalf("files differ:\n%q\n%q", g, w)
	}
	if len(want) < 2 {
		t.Fatalf("only %d files", len(want))
	}
	for name := range want {
		if name == "manifest.json" {
			got[name], want[name] = sortedLines(got[name]), sortedLines(want[name])
		}
		if got[name] != want[name] {
			at := differAt(got[name], want[name])
			t.Errorf("%s differs at %d:\n%.300q\n%.300q", name, at, got[name][at:], want[name][at:])
		}
	}
}

// differAt is some bytes before the first at which two texts differ.
func differAt(a, b string) (at int) {
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	return max(0, at-80)
}

// sortedLines takes the order out of a manifest, which has a line a file: the
// command line writes them as they are done.
func sortedLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], ",]")
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// flatteningCase is a case of docs/flattening.md: a document and its tables.
type flatteningCase struct {
	xml    string
	tables map[string]string
}

var (
	caseStart = regexp.MustCompile(`(?m)^### \d+\n`)
	caseXML   = regexp.MustCompile("(?s)```xml\n(.*?)\n```")
	caseTable = regexp.MustCompile("(?s)`([^`\n]+)`\n```csv\n(.*?)```")
)

func flatteningCases(t testing.TB) (cases []flatteningCase) {
	t.Helper()
	page, err := os.ReadFile("../../docs/flattening.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range caseStart.Split(string(page), -1)[1:] {
		if strings.Contains(part, "Options:") || strings.Contains(part, "Earlier:") {
			continue // one job converts these; shared/xmltable has the others
		}
		c := flatteningCase{xml: caseXML.FindStringSubmatch(part)[1], tables: map[string]string{}}
		for _, m := range caseTable.FindAllStringSubmatch(part, -1) {
			c.tables[m[1]] = m[2]
		}
		cases = append(cases, c)
	}
	if len(cases) < 15 {
		t.Fatalf("%d cases on the page", len(cases))
	}
	return cases
}

// The server and the command line write the tables that docs/flattening.md shows.
func TestCasesOfFlattening(t *testing.T) {
	t.Parallel()
	who := admin(t, start(t))
	var uploads []file
	want := map[string]string{}
	for i, c := range flatteningCases(t) {
		name := fmt.Sprintf("case%02d", i+1)
		uploads = append(uploads, text(name+".xml", c.xml))
		for tableName, csv := range c.tables {
			want[name+" "+tableName] = csv
		}
	}
	who.convert("", uploads...)
	got := map[string]string{}
	for _, table := range who.tables() {
		got[strings.TrimSuffix(table.Source, ".xml")+" "+table.Name] = string(who.do("GET", "/api/v1/tables/"+table.ID+"/content", nil).want(t, 200).content)
	}
	sameFiles(t, got, want)
	sameFiles(t, unzip(t, who.do("GET", "/api/v1/export", nil).want(t, 200).content), convertByCommand(t, who.server, nil, uploads...))
}
