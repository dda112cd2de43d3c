package query

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ret/shared/profile"
	"ret/shared/xmltable"
)

// Schema says what statements can read, for whoever writes them.
type Schema struct {
	Tables []SchemaTable
	More   int // tables that were left out
}

// SchemaTable is a table that statements can read.
type SchemaTable struct {
	ID      string
	Name    string // as statements have it, see Quote
	Source  string // the document that it was made of
	Rows    int64
	Columns []Column
}

// Describe opens the first tables, at most so many, to see what is in them.
func Describe(ctx context.Context, tables Tables, most int) (Schema, error) {
	all, err := listTables(ctx, tables)
	if err != nil {
		return Schema{}, err
	}
	schema := Schema{More: max(len(all.list)-most, 0)}
	for i, listed := range all.list[:len(all.list)-schema.More] {
		t, err := describe(ctx, tables, listed.ID)
		if err != nil {
			return Schema{}, err
		}
		t.Name = all.names[i]
		schema.Tables = append(schema.Tables, t)
	}
	return schema, nil
}

func describe(ctx context.Context, tables Tables, id string) (t SchemaTable, err error) {
	opened, err := tables.Open(ctx, id)
	if err != nil {
		return t, fmt.Errorf("describe table: %w", err)
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	t = SchemaTable{ID: id, Source: opened.Source, Rows: opened.Rows.Rows()}
	t.Columns = Columns(opened.Columns, opened.Kinds)
	return t, nil
}

// Columns are a table's as statements know them, but for the hidden ones. Where kinds are
// not known they are nil, and columns have none but those that RET makes.
func Columns(columns []xmltable.Column, kinds []profile.Kind) (list []Column) {
	for i, c := range columnsOf(columns, kinds) {
		if i >= len(kinds) && c.as == asText {
			c.kind = ""
		}
		list = append(list, Column{c.name, c.kind})
	}
	return list
}

// SQL writes the schema as the statements that would make it, each with the number of its
// rows: a form that language models know well.
func (s Schema) SQL() string {
	var b strings.Builder
	for _, t := range s.Tables {
		fmt.Fprintf(&b, "CREATE TABLE %s ( -- %d rows\n", Quote(t.Name), t.Rows)
		for i, c := range t.Columns {
			comma := ","
			if i == len(t.Columns)-1 {
				comma = ""
			}
			fmt.Fprintf(&b, "  %s %s%s\n", Quote(c.Name), c.Kind, comma)
		}
		b.WriteString(");\n")
	}
	if s.More > 0 {
		fmt.Fprintf(&b, "-- and %d more tables\n", s.More)
	}
	return b.String()
}
