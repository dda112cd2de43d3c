package asset_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"ret/web/asset"
)

var names = []string{asset.Stylesheet, asset.Theme, asset.Script, asset.Icon}

func load(t *testing.T) *asset.Set {
	t.Helper()
	set, err := asset.Load()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// get asks for a path, accepting the given content codings.
func get(t *testing.T, set http.Handler, path, codings string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", codings)
	w := httptest.NewRecorder()
	set.ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAddressesCarryTheContentsHash(t *testing.T) {
	a, b := load(t), load(t)
	hashed := regexp.MustCompile(`^/assets/[a-z-]+\.[0-9a-f]{16}\.(css|js|svg)$`)
	for _, name := range names {
		if a.URL(name) != b.URL(name) {
			t.Errorf("%s has two addresses", name)
		}
		if !hashed.MatchString(a.URL(name)) {
			t.Errorf("%s is at %s", name, a.URL(name))
		}
	}
}

func TestHeaders(t *testing.T) {
	set := load(t)
	types := map[string]string{
		asset.Stylesheet: "text/css; charset=utf-8",
		asset.Script:     "text/javascript; charset=utf-8",
		asset.Icon:       "image/svg+xml",
	}
	for name, want := range types {
		h := get(t, set, set.URL(name), "").Header
		if h.Get("Content-Type") != want || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", name, h)
		}
		if h.Get("Cache-Control") != "public, max-age=31536000, immutable" || h.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: %v", name, h)
		}
	}
}

func TestEveryCodingGivesTheSameContent(t *testing.T) {
	set := load(t)
	url := set.URL(asset.Stylesheet)
	plain := text(t, get(t, set, url, "").Body)
	br := get(t, set, url, "gzip, deflate, br")
	if br.Header.Get("Content-Encoding") != "br" || text(t, brotli.NewReader(br.Body)) != plain {
		t.Error("brotli differs")
	}
	gz := get(t, set, url, "br;q=0, gzip")
	reader, err := gzip.NewReader(gz.Body)
	if err != nil {
		t.Fatal(err)
	}
	if gz.Header.Get("Content-Encoding") != "gzip" || text(t, reader) != plain {
		t.Error("gzip differs")
	}
}

func TestUnknownAddressesAreNotFound(t *testing.T) {
	set := load(t)
	for _, path := range []string{"/assets/", "/assets/ret.css", "/assets/main.0000000000000000.js", "/assets/../go.mod"} {
		if got := get(t, set, path, "").StatusCode; got != http.StatusNotFound {
			t.Errorf("%s: %d", path, got)
		}
	}
}

// A first visit asks for four scripts: what runs before the first paint, the page's,
// its worker's and the service worker. What they name is there.
func TestScriptsFindEachOther(t *testing.T) {
	set := load(t)
	named := regexp.MustCompile(`(?:"\./|sourceMappingURL=)([a-z0-9.-]+)`)
	seen := map[string]bool{}
	var follow func(url string)
	follow = func(url string) {
		if seen[url] {
			return
		}
		seen[url] = true
		r := get(t, set, url, "")
		if r.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", url, r.StatusCode)
		}
		if strings.HasSuffix(url, ".map") {
			return
		}
		for _, m := range named.FindAllStringSubmatch(text(t, r.Body), -1) {
			follow(asset.Prefix + m[1])
		}
	}
	follow(set.URL(asset.Script))
	if len(seen) != 6 {
		t.Errorf("reached are %v: not a page's script, two workers and a map of each", slices.Sorted(maps.Keys(seen)))
	}
	if source := text(t, get(t, set, set.URL(asset.Script), "").Body); strings.Contains(source, "import ") || strings.Contains(source, "{{") {
		t.Error("the page's script needs more than itself")
	}
}

// A map of a worker's script leads past the runtime, which Load puts before it.
func TestMapsOfWorkersAreShifted(t *testing.T) {
	set := load(t)
	if !set.HasModule() {
		t.Skip("the browser's module is not built: make build")
	}
	script := strings.Split(text(t, get(t, set, set.URL("worker.js"), "").Body), "\n")
	var sourceMap struct{ Mappings string }
	if err := json.Unmarshal([]byte(text(t, get(t, set, set.URL("worker.js.map"), "").Body)), &sourceMap); err != nil {
		t.Fatal(err)
	}
	first := len(sourceMap.Mappings) - len(strings.TrimLeft(sourceMap.Mappings, ";"))
	if !strings.Contains(script[first], "ret-replica") || strings.Contains(strings.Join(script[:first], ""), "ret-replica") {
		t.Errorf("the first mapped line is %d, which is not where the worker begins", first)
	}
}

func TestScriptsKeepToThePolicy(t *testing.T) {
	forbidden := regexp.MustCompile(`\beval\(|new Function|document\.write|insertAdjacentHTML|outerHTML|\.style\b|setTimeout\("`)
	for _, name := range scripts(t) {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		// These lay out what no stylesheet can know (samples that nobody sees, the rows and
		// columns in sight, the bars of a list), by properties that the policy lets scripts set.
		laysOut := slices.Contains([]string{"facet.js", "fonts.js", "grid-head.js", "value-list.js", "window-grid.js"}, filepath.Base(name))
		if found := forbidden.FindString(string(source)); found != "" && !(found == ".style" && laysOut) {
			t.Errorf("%s uses %s", name, found)
		}
		if strings.Contains(string(source), "innerHTML") != (filepath.Base(name) == "fragment.js") {
			t.Errorf("%s: only fragment.js turns text into elements", name)
		}
	}
}

// scripts are the sources of all that browsers run.
func scripts(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, room := range []string{"page", "worker", "both"} {
		found, err := filepath.Glob("js/" + room + "/*.js")
		if err != nil || len(found) == 0 {
			t.Fatal(room, found, err)
		}
		all = append(all, found...)
	}
	return all
}

// What a page runs never waits for a worker's parts, and the other way about.
func TestScriptsKeepToTheirRooms(t *testing.T) {
	imported := regexp.MustCompile(`(?m)^(?:import|export)[^;]*?from "(\.[^"]+)"`)
	for _, name := range scripts(t) {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		room := filepath.Base(filepath.Dir(name))
		for _, found := range imported.FindAllStringSubmatch(string(source), -1) {
			other := filepath.Base(filepath.Dir(filepath.Join(filepath.Dir(name), found[1])))
			if other != room && other != "both" {
				t.Errorf("%s imports %s: %s may only import itself and both", name, found[1], room)
			}
		}
	}
}
