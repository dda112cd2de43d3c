package page

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	comparedKey = regexp.MustCompile(`\.key [!=]== "([^"]+)"`)
	keyTable    = regexp.MustCompile(`(?s)const (?:places|single|steps) = \{(.*?)\n? *\};`)
	nested      = regexp.MustCompile(`\(\{[^{}]*\}\)`) // in a table of what keys lead to
	keyInTable  = regexp.MustCompile(`(?:^|[{,\n])\s*(?:"([^"]+)"|([A-Za-z]+)): `)
)

// written is what the list calls a key of the scripts.
var written = strings.NewReplacer(
	"ArrowUp", "↑", "ArrowDown", "↓", "ArrowLeft", "←", "ArrowRight", "→",
	"PageUp", "PgUp", "PageDown", "PgDn", "Escape", "Esc", " ", "Space",
)

// browsers do these: the scripts only listen to what comes of them.
var ofBrowsers = []string{"Ctrl", "Shift", "c"}

// Every key that a script listens to is listed, and every key that is listed does something.
func TestShortcutsAreThoseOfTheScripts(t *testing.T) {
	scripts, err := filepath.Glob("../asset/js/page/*.js")
	if err != nil || len(scripts) == 0 {
		t.Fatal(scripts, err)
	}
	var done []string
	for _, path := range scripts {
		script, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		done = append(done, keysOf(string(script))...)
	}
	var listed []string
	for _, group := range shortcuts {
		for _, s := range group.list {
			listed = append(listed, s.keys...)
		}
	}
	for _, key := range done {
		if !slices.Contains(listed, key) {
			t.Errorf("a script listens to %q, which is not in the list", key)
		}
	}
	for _, key := range listed {
		if !slices.Contains(done, key) && !slices.Contains(ofBrowsers, key) {
			t.Errorf("the list has %q, to which no script listens", key)
		}
	}
	if len(done) < 30 {
		t.Errorf("only %q were found in the scripts", done)
	}
}

// keysOf are the keys that a script compares with, or has a table of.
func keysOf(script string) (keys []string) {
	for _, found := range comparedKey.FindAllStringSubmatch(script, -1) {
		keys = append(keys, written.Replace(found[1]))
	}
	for _, table := range keyTable.FindAllStringSubmatch(script, -1) {
		for _, found := range keyInTable.FindAllStringSubmatch(nested.ReplaceAllString(table[1], ""), -1) {
			keys = append(keys, written.Replace(found[1]+found[2]))
		}
	}
	return keys
}
