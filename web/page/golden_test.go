package page_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"ret/web/page"
	"ret/web/page/pagetest"
)

var update = flag.Bool("update", false, "write what is rendered into testdata")

var assets = page.Assets{Stylesheet: "/assets/ret.css", Theme: "/assets/theme.js", Script: "/assets/main.js", Icon: "/assets/icon.svg"}

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var html strings.Builder
	if err := c.Render(context.Background(), &html); err != nil {
		t.Fatal(err)
	}
	return html.String()
}

// golden compares text with testdata/name.
func golden(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test ./web/page -update writes it)", err)
	}
	if text != string(want) {
		t.Errorf("%s differs from what is rendered:\n%s", file, firstDifference(string(want), text))
	}
}

func firstDifference(want, got string) string {
	i := 0
	for i < min(len(want), len(got)) && want[i] == got[i] {
		i++
	}
	from := max(0, i-80)
	return "want …" + want[from:min(len(want), i+80)] + "…\ngot  …" + got[from:min(len(got), i+80)] + "…"
}

// lines breaks a page before its elements, so that differences can be read.
func lines(html string) string {
	return strings.ReplaceAll(html, "><", ">\n<") + "\n"
}

func TestPagesLookAsBefore(t *testing.T) {
	for _, s := range pagetest.States(assets) {
		if s.Many {
			continue
		}
		t.Run(s.Name, func(t *testing.T) { golden(t, s.Name+".html", lines(render(t, s.Page))) })
	}
}

func TestEqualViewsGiveEqualBytes(t *testing.T) {
	again := pagetest.States(assets)
	for i, s := range pagetest.States(assets) {
		if render(t, s.Page) != render(t, again[i].Page) {
			t.Errorf("%s: two renderings differ", s.Name)
		}
	}
}

// The content policy allows no inline code; a page that had some would break.
var inlineCode = regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|javascript:|<script(?:[^>]*)>[^<]`)

func TestPagesHoldNoInlineCode(t *testing.T) {
	for _, s := range pagetest.States(assets) {
		if found := inlineCode.FindString(render(t, s.Page)); found != "" {
			t.Errorf("%s holds %q", s.Name, found)
		}
	}
}

var elementID = regexp.MustCompile(`\sid="([^"]*)"`)

func TestIDsAreUniqueOnEachPage(t *testing.T) {
	for _, s := range pagetest.States(assets) {
		seen := map[string]bool{}
		for _, id := range elementID.FindAllStringSubmatch(render(t, s.Page), -1) {
			if seen[id[1]] {
				t.Errorf("%s has two elements %q", s.Name, id[1])
			}
			seen[id[1]] = true
		}
	}
}

func TestWhatPeopleWroteIsEscaped(t *testing.T) {
	const nasty = `"><script>alert(1)</script>`
	job := page.Job{ID: "j", Name: nasty, Errors: []page.FileError{{Path: nasty, Message: nasty}}, ErrorCount: 1}
	table := page.Table{ID: "t", Name: nasty, Group: nasty, Source: nasty}
	for _, c := range []templ.Component{
		page.JobRow(job), page.JobHead(job), page.TableRow(table),
		page.FileRow(page.File{ID: "f", Name: nasty}),
		page.GroupSection(page.Group{Name: nasty, Part: page.Part{Alone: true, Next: nasty}}),
		page.TableDetail(page.Frame{Title: nasty}, page.TableView{
			Table: table, Columns: []page.GridColumn{{Name: nasty, Path: nasty}},
			Rows: []page.Row{{Number: 1, Cells: []page.Cell{{Text: nasty}}}}, Total: 1,
			Query: page.TableQuery{Limit: 100, Sorts: []string{nasty}, Filters: []string{nasty + "=" + nasty}},
		}),
	} {
		if html := render(t, c); strings.Contains(html, "<script>") {
			t.Errorf("a script got into %s", html)
		}
	}
}
