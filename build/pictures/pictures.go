// Package pictures names the pictures in docs/pictures: each page and what one does
// there, wide and narrow, in both themes. `make pictures` takes them, on the way that
// build/browser walks with a real server; the guide shows some, and a test here keeps it
// true.
package pictures

import "fmt"

// Stations are where the way stops, from signing in to signing out.
var Stations = []string{
	"sign-in", "sign-in-wrong", "tour", "workbench-empty", "options",
	"file-waiting", "look-first", "workbench", "tables-selected", "tables-undo", "file-delete",
	"jobs", "job",
	"table", "table-download", "table-values", "table-filtered", "table-mistake", "table-value", "row", "table-columns",
	"search", "search-hits", "search-none", "search-mistake",
	"sql", "sql-answer", "sql-mistake",
	"ask-consent", "ask-answer",
	"account", "admin-users", "admin-sessions", "admin-queue", "admin-audit", "admin-settings",
	"not-found", "menu", "shortcuts",
	"offline", "offline-elsewhere",
	"sign-out", "receipt",
}

// Look is how a picture is taken. Sizes are in pixels.
type Look struct {
	Theme         string
	Width, Height int64
}

// Looks are those in which each station is taken.
var Looks = []Look{{"light", 1280, 800}, {"dark", 1280, 800}, {"light", 360, 740}, {"dark", 360, 740}}

// File is the name of a picture.
func File(station string, l Look) string {
	size := "wide"
	if l.Width < 700 {
		size = "narrow"
	}
	return fmt.Sprintf("%s-%s-%s.webp", station, l.Theme, size)
}
