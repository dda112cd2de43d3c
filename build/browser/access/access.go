// Package access looks for what shuts people out of a page: by axe-core, and by what does
// not fit into a narrow window. What axe-core leaves undecided counts as found, unless
// somebody has looked at it and said why it is well: that list is here.
package access

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// Script is axe-core, which npm installs in the folder web beside TypeScript. Where that
// has not been done the test is skipped, but fails where CI is set.
func Script(t *testing.T, web string) string {
	t.Helper()
	script, err := os.ReadFile(web + "/node_modules/axe-core/axe.min.js")
	if os.IsNotExist(err) && os.Getenv("CI") == "" {
		t.Skip("axe-core is not installed: run build/check-js, which needs npm")
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(script)
}

// TooWide is an expression that names what reaches beyond the window; what scrolls by
// itself, or is cut off on purpose, does not.
const TooWide = `(() => {
	const root = document.documentElement;
	if (root.scrollWidth <= root.clientWidth) return "";
	const wide = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > root.clientWidth + 1);
	return root.scrollWidth + " px: " + wide.slice(0, 4).map((e) => e.tagName + "." + e.className).join(", ");
})()`

// Look is an expression that promises what Read reads, in a page in which Script has been
// evaluated. within is what of the page is looked at, in axe-core's words.
func Look(within string) string {
	return fmt.Sprintf(`axe.run(%s, { resultTypes: ["violations", "incomplete"], rules: { "target-size": { enabled: true } } })
		.then(({ violations, incomplete }) => JSON.stringify([[violations, false], [incomplete, true]].flatMap(([list, unsure]) => list.flatMap(({ id, nodes }) => nodes.map((node) => ({
			rule: id, unsure, html: node.html.slice(0, 300), target: node.target.flat().join(" "), why: node.failureSummary ?? "",
			key: [...node.any, ...node.all, ...node.none].map(({ id, data }) => data?.messageKey ?? id).join(" "),
		}))))))`, within)
}

// Finding is what is wrong, or may be, with one element.
type Finding struct {
	Rule   string
	Unsure bool   // axe-core cannot tell
	Key    string // why it cannot
	Target string // a selector
	HTML   string
	Why    string
}

func (f Finding) String() string {
	how := "is wrong"
	if f.Unsure {
		how = "is not decided (" + f.Key + "); look at it, then mend it or name it in build/browser/access"
	}
	return fmt.Sprintf("%s %s: %s\n  %s\n  %s", f.Rule, how, f.Target, f.HTML, strings.ReplaceAll(f.Why, "\n", " "))
}

// Read reads what Look has promised, without what somebody has looked at.
func Read(promised string) ([]Finding, error) {
	var all, left []Finding
	if err := json.Unmarshal([]byte(promised), &all); err != nil {
		return nil, fmt.Errorf("read axe-core's findings: %w", err)
	}
	for _, f := range all {
		if !f.lookedAt() {
			left = append(left, f)
		}
	}
	return left, nil
}

// lookedAt says that a person has looked at what axe-core cannot decide.
func (f Finding) lookedAt() bool {
	for _, l := range looked {
		if f.Unsure && f.Rule == l.rule && strings.Contains(f.Key, l.key) && strings.Contains(f.HTML, l.html) {
			return true
		}
	}
	return false
}
