package query

import (
	"context"
	"strconv"
	"strings"

	"ret/shared/fold"
	"ret/shared/profile"
	"ret/shared/sqlite/sandbox"
	"ret/shared/tablefile"
	"ret/shared/xmltable"
)

// Tables are those that a statement may read, whoever keeps them.
type Tables interface {
	// List names all of them, in the order in which they came.
	List(ctx context.Context) ([]Listed, error)

	// Open opens one of them. It is closed when the statement has ended.
	Open(ctx context.Context, id string) (*Table, error)
}

// Listed is a table as it is listed, before anything is read of it.
type Listed struct {
	ID   string
	Name string // as people see it
}

// Table is a table that is open for reading.
type Table struct {
	Source  string // the document that it was made of
	Columns []xmltable.Column
	Kinds   []profile.Kind // what all values of each column are
	Rows    *tablefile.Table
	Close   func() error
}

// Names gives tables the names by which statements know them.
func Names(list []Listed) []string {
	given := newNaming()
	given.reserved = reserved
	names := make([]string, len(list))
	for i, t := range list {
		names[i] = given.name(t.Name)
	}
	return names
}

// naming gives names of which no two are the same, whatever their case.
type naming struct {
	taken    map[string]bool
	next     map[string]int // the number to try for a name that is taken
	reserved func(name string) bool
}

func newNaming() naming {
	return naming{taken: map[string]bool{}, next: map[string]int{}, reserved: func(string) bool { return false }}
}

func (n naming) name(wanted string) string {
	name, key := wanted, fold.String(wanted)
	for number := max(n.next[key], 2); n.taken[fold.String(name)] || n.reserved(name); number++ {
		name = wanted + "~" + strconv.Itoa(number)
		if n.reserved(wanted) {
			name = "~" + name
		}
		n.next[key] = number + 1
	}
	n.taken[fold.String(name)] = true
	return name
}

// reserved reports whether SQLite has tables of such a name itself.
func reserved(name string) bool { return name == "" || sandbox.Reserved(name) }

// Quote writes a name as a statement has it.
func Quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// The hidden columns.
const (
	tableColumn  = "_table"
	sourceColumn = "_source"
)

// mostColumns is how many columns SQLite takes; what a table has beyond them is not seen.
const mostColumns = 2000

// column is a column as statements know it.
type column struct {
	name string
	as   class
	kind profile.Kind
	id   bool // it holds the number of its row, from 1

	parent bool // it holds the numbers of rows of another table
}

// class is as what a column's values are given.
type class uint8

const (
	asText class = iota
	asInteger
	asReal
)

// declared is the type that a class is declared by, which decides how SQLite compares.
var declared = [...]string{asText: "TEXT", asInteger: "INTEGER", asReal: "REAL"}

// columnsOf are the columns of a table as statements know them, without the hidden ones.
func columnsOf(columns []xmltable.Column, kinds []profile.Kind) []column {
	given := newNaming()
	list := make([]column, min(len(columns), mostColumns-2))
	for i := range list {
		c := column{name: given.name(columns[i].Name), kind: profile.Text}
		if i < len(kinds) {
			c.kind = kinds[i]
		}
		switch columns[i].Kind {
		case xmltable.ID, xmltable.Parent, xmltable.Position:
			c.kind = profile.Integer
		}
		switch c.kind {
		case profile.Integer:
			c.as = asInteger
		case profile.Decimal:
			c.as = asReal
		}
		c.id, c.parent = columns[i].Kind == xmltable.ID, columns[i].Kind == xmltable.Parent
		list[i] = c
	}
	return list
}

// hidden are those of the hidden columns for which a table has room.
func hidden(columns []column) (names []string) {
	taken := map[string]bool{}
	for _, c := range columns {
		taken[fold.String(c.name)] = true
	}
	for _, name := range []string{tableColumn, sourceColumn} {
		if !taken[name] {
			names = append(names, name)
		}
	}
	return names
}

// declaration is a table as SQLite is told of it.
func declaration(columns []column, hidden []string) string {
	var b strings.Builder
	b.WriteString("CREATE TABLE x(")
	for i, c := range columns {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(Quote(c.name) + " " + declared[c.as])
	}
	for i, name := range hidden {
		if i+len(columns) > 0 {
			b.WriteByte(',')
		}
		b.WriteString(Quote(name) + " TEXT HIDDEN")
	}
	b.WriteByte(')')
	return b.String()
}
