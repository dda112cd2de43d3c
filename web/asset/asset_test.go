package asset_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
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

// Every module that is reached from the first one is there under the name by
// which it is imported.
func TestScriptsFindEachOther(t *testing.T) {
	set := load(t)
	imported := regexp.MustCompile(`from "\./([^"]+)"`)
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
		for _, m := range imported.FindAllStringSubmatch(text(t, r.Body), -1) {
			follow(asset.Prefix + m[1])
		}
	}
	follow(set.URL(asset.Script))
	if len(seen) < 10 {
		t.Errorf("only %d modules were reached", len(seen))
	}
}

func TestScriptsKeepToThePolicy(t *testing.T) {
	set := load(t)
	forbidden := regexp.MustCompile(`\beval\(|new Function|document\.write|insertAdjacentHTML|outerHTML|\.style\b|setTimeout\("`)
	for _, name := range []string{"fragment.js", "live.js", "upload.js", "grid.js", "dialog.js", asset.Script} {
		source := text(t, get(t, set, set.URL(name), "").Body)
		if found := forbidden.FindString(source); found != "" {
			t.Errorf("%s uses %s", name, found)
		}
		if strings.Contains(source, "innerHTML") != (name == "fragment.js") {
			t.Errorf("%s: only fragment.js turns text into elements", name)
		}
	}
}
