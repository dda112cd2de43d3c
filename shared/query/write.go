package query

import "strings"

// keywords are words that SQLite takes for its own where a name could stand.
var keywords = func() map[string]bool {
	m := make(map[string]bool)
	for word := range strings.FieldsSeq(`abort action add after all alter always analyze and as asc attach autoincrement before
		begin between by cascade case cast check collate column commit conflict constraint create cross current current_date
		current_time current_timestamp database default deferrable deferred delete desc detach distinct do drop each else end
		escape except exclude exclusive exists explain fail filter first following for foreign from full generated glob group
		groups having if ignore immediate in index indexed initially inner insert instead intersect into is isnull join key
		last left like limit match materialized natural no not nothing notnull null nulls of offset on or order others outer
		over partition plan pragma preceding primary query raise range recursive references regexp reindex release rename
		replace restrict returning right rollback row rows savepoint select set table temp temporary then ties to transaction
		trigger unbounded union unique update using vacuum values view virtual when where window with without`) {
		m[word] = true
	}
	return m
}()

// Written is a name as a statement has it: in quotes where it needs them.
func Written(name string) string {
	if name == "" || keywords[strings.ToLower(name)] || '0' <= name[0] && name[0] <= '9' {
		return Quote(name)
	}
	for i := range len(name) {
		if b := name[i]; !isWord(b) || b == '$' {
			return Quote(name)
		}
	}
	return name
}
