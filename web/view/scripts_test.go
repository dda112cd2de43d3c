package view

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The service worker and the script that navigates know the pages that Draw draws, and
// take no other for one.
func TestScriptsKnowThePages(t *testing.T) {
	for file, name := range map[string]string{"worker/sw.js": "drawable", "page/navigate.js": "DRAWN"} {
		script, err := os.ReadFile("../asset/js/" + file)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(`const ` + name + ` = /(.*)/;`).FindSubmatch(script)
		if found == nil {
			t.Fatalf("%s has no %s", file, name)
		}
		theirs := regexp.MustCompile(strings.ReplaceAll(string(found[1]), `\/`, `/`))
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
