package page

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"ret/shared/fold"
)

// Ids of elements that fragments name.
const (
	idJobs      = "jobs"
	idFiles     = "files"
	idFilesMore = "files-more"
	idGroups    = "groups"
	idHoldings  = "holdings"
)

func idJob(id string) string       { return "job-" + id }
func idJobHead(id string) string   { return "job-" + id + "-head" }
func idJobErrors(id string) string { return "job-" + id + "-errors" }
func idFile(id string) string      { return "file-" + id }
func idTable(id string) string     { return "table-" + id }
func idLayout(id string) string    { return "layout-" + id }
func idGroup(name string) string   { return "group-" + Slug(name) }
func idGroupHead(g Group) string   { return "group-" + Slug(g.Name) + "-head" + g.Part.suffix() }
func idGroupMore(g Group) string   { return "group-" + Slug(g.Name) + "-more" + g.Part.suffix() }
func idTables(g Group) string      { return "tables-" + Slug(g.Name) + g.Part.suffix() }

func idClass(id string) string       { return "class-" + id }
func idClassHead(id string) string   { return "class-" + id + "-head" }
func idClassMerged(id string) string { return "class-" + id + "-merged" }
func idClassTables(id string) string { return "class-" + id + "-tables" }
func idClassEvery(id string) string  { return "class-" + id + "-every" }
func idClasses(g Group) string       { return "classes-" + Slug(g.Name) + g.Part.suffix() }

// suffix keeps changes of a group from a part that they do not belong on.
func (p Part) suffix() string {
	if p.still() {
		return "-part"
	}
	return ""
}

// Slug makes a group's name fit for an element id. Groups that are equal without
// regard to case have one slug, others never share one.
func Slug(name string) string {
	folded := fold.String(name)
	if plain(folded) {
		return folded
	}
	sum := sha256.Sum256([]byte(folded))
	return "-" + hex.EncodeToString(sum[:8])
}

// plain names are their own slug. They never begin as a hashed one does.
func plain(s string) bool {
	if s == "" || len(s) > 64 || s[0] == '-' {
		return false
	}
	for _, c := range []byte(s) {
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	// "x-head" would name a group's head, and so on.
	for _, end := range []string{"-head", "-more", "-part"} {
		if strings.HasSuffix(s, end) {
			return false
		}
	}
	return true
}

// place is where an element stands in a list ordered by time. It sorts as text.
func place(t time.Time, id string) string {
	return t.UTC().Format("20060102T150405.000000000Z") + " " + id
}
