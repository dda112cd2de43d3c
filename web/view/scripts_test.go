package view

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// They ask the server first for what a replica draws otherwise.
func TestScriptsKnowThePagesOfTheServer(t *testing.T) {
	for file, name := range map[string]string{"worker/sw.js": "servers", "page/navigate.js": "ALONE"} {
		theirs := pagesOf(t, file, name)
		for _, p := range pagesAlone {
			if !theirs.MatchString(p.pattern) {
				t.Errorf("%s: without a server %s is nobody's", file, p.pattern)
			}
		}
		for _, p := range pages {
			if path := strings.TrimSuffix(p.pattern, "{$}"); theirs.MatchString(path) {
				t.Errorf("%s takes %s for the server's", file, path)
			}
		}
	}
}

// pagesOf is a script's expression for paths.
func pagesOf(t *testing.T, file, name string) *regexp.Regexp {
	t.Helper()
	script, err := os.ReadFile("../asset/js/" + file)
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`const ` + name + ` = /(.*)/;`).FindSubmatch(script)
	if found == nil {
		t.Fatalf("%s has no %s", file, name)
	}
	return regexp.MustCompile(strings.ReplaceAll(string(found[1]), `\/`, `/`))
}

// The service worker and the script that navigates know the pages that Draw draws, and
// take no other for one.
func TestScriptsKnowThePages(t *testing.T) {
	for file, name := range map[string]string{"worker/sw.js": "drawable", "page/navigate.js": "DRAWN"} {
		theirs := pagesOf(t, file, name)
		paths := []string{"/account", "/files/x", "/admin/users", "/jobs/", "/jobs/x/y", "/tables", "/search/x", "/searching", "/login", "/x/jobs", "/tables/x/rows", "/tables/x/rows/", "/tables/x/rows/1/source", "/tables/x/y/1"}
		for _, pattern := range Patterns() {
			paths = append(paths, strings.TrimSuffix(strings.NewReplacer("{id}", "x", "{n}", "1").Replace(pattern), "{$}"))
		}
		for i, path := range paths {
			drawn := i >= len(paths)-len(pages)
			if theirs.MatchString(path) != drawn {
				t.Errorf("%s takes %s for a drawn page: %v, want %v", file, path, !drawn, drawn)
			}
		}
	}
}
