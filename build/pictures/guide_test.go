package pictures_test

import (
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ret/build/pictures"
	"ret/web/page"
	"ret/web/page/pagetest"
)

const folder = "../../docs/pictures"

// mostBytes keeps the repository small.
const mostBytes = 5 << 20

// The folder has every picture that `make pictures` takes, and no other.
func TestTheFolderHasThePictures(t *testing.T) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var there []string
	var size int64
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		there, size = append(there, e.Name()), size+info.Size()
	}
	for _, name := range named() {
		if !slices.Contains(there, name) {
			t.Errorf("%s is missing: run make pictures", name)
		}
	}
	for _, name := range there {
		if !slices.Contains(named(), name) {
			t.Errorf("%s is a picture of no station", name)
		}
	}
	if size > mostBytes {
		t.Errorf("the pictures take %d bytes, more than %d", size, mostBytes)
	}
}

// named are the names of all pictures.
func named() (names []string) {
	for _, station := range pictures.Stations {
		for _, look := range pictures.Looks {
			names = append(names, pictures.File(station, look))
		}
	}
	return names
}

var (
	picture = regexp.MustCompile(`!\[[^\]]+\]\(([^)]+)\)`)
	bold    = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	tag     = regexp.MustCompile(`<[^>]*>`)
	said    = regexp.MustCompile(`(?:aria-label|placeholder|title)="([^"]*)"`)
	quoted  = regexp.MustCompile(`"([^"\n]+)"`)
	space   = regexp.MustCompile(`\s+`)
)

// The guide shows pictures that are taken, and names what stands on the pages.
func TestTheGuideIsTrue(t *testing.T) {
	text, err := os.ReadFile("../../docs/guide.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := picture.FindAllStringSubmatch(string(text), -1)
	for _, found := range shown {
		if name, below := strings.CutPrefix(found[1], "pictures/"); !below || !slices.Contains(named(), name) {
			t.Errorf("the guide shows %s, which is no picture of a station", found[1])
		}
	}
	names := bold.FindAllStringSubmatch(string(text), -1)
	pages := words(t)
	for _, found := range names {
		if name := space.ReplaceAllString(found[1], " "); !pages[name] && name != "name of a button or heading" {
			t.Errorf("the guide names %q, which stands on no page", name)
		}
	}
	if len(shown) < 20 || len(names) < 20 {
		t.Errorf("the guide has %d pictures and %d names", len(shown), len(names))
	}
}

// words are what stands on the pages in one piece, or is written there by a script.
func words(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	add := func(text string) {
		found[strings.TrimSpace(space.ReplaceAllString(html.UnescapeString(text), " "))] = true
	}
	for _, state := range pagetest.States(page.Assets{}) {
		var out strings.Builder
		if err := state.Page.Render(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		for _, text := range tag.Split(out.String(), -1) {
			add(text)
		}
		for _, label := range said.FindAllStringSubmatch(out.String(), -1) {
			add(label[1])
		}
	}
	scripts, err := filepath.Glob("../../web/asset/js/page/*.js")
	if err != nil || len(scripts) == 0 {
		t.Fatal(scripts, err)
	}
	for _, path := range scripts {
		script, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range quoted.FindAllStringSubmatch(string(script), -1) {
			add(text[1])
		}
	}
	return found
}
