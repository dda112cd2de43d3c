// Package ask answers a question in words over a session's tables: a model may search
// them and query them, and says what it finds with citations.
//
// Nothing is believed of the model, nor of what stands in cells:
//
//   - It can do nothing but ask for the tools of this package, which read. What it asks
//     for beyond them is refused, and a cell that tells it to do something else cannot
//     make more of it than that.
//   - It sees names, kinds and profiles of tables and what its calls find, and of all that
//     at most so many cells. What it was shown is kept with the answer, so that the
//     person can see it.
//   - Its answer is taken apart into statements. What they cite is looked up in what it
//     was shown: a citation of something else is none. A statement without one is marked
//     so, and so is a number that does not stand in what its statement cites.
//
// A Run is one goroutine's.
package ask

import (
	"context"

	"ret/server/model"
	"ret/shared/workspace"
)

// Chat asks the model for its next turn, as model.Client does.
type Chat func(ctx context.Context, messages []model.Message, tools []model.Tool, heard func(string) error) (model.Reply, error)

// Table is what the model is told of a table before it asks for anything.
type Table struct {
	Name    string // in SQL
	Parent  string // the table whose _id its _parent names; "" for none
	Rows    int64
	Columns []Column
}

// Column is what the model is told of a column. A nil Min, Max or an empty Top is not
// known, or there is none.
type Column struct {
	Name, Kind                string
	Present, Distinct, Absent int64
	Min, Max                  *string
	Top                       []string
}

// Hit is a cell in which something was found.
type Hit struct {
	TableID, Table string
	Row            int64 // from 1 on
	Column, Text   string
}

// Result is what a query has found; absent cells are nil.
type Result struct {
	Columns []string
	Rows    [][]*string
	Cut     bool // there are more rows
}

// Data is what the model may reach, and no more. Its methods read only; their errors are
// told to the model by their sentences for people, but for those of a context.
type Data interface {
	// Tables describes the session's tables, as many as it sees fit.
	Tables(ctx context.Context) ([]Table, error)

	// Search finds cells by words, the best first, at most limit.
	Search(ctx context.Context, words string, limit int) ([]Hit, error)

	// Query runs one statement of SQL that reads, and gives its first rows, at most limit.
	Query(ctx context.Context, sql string, limit int) (Result, error)
}

// Config is what a Run needs; all of it.
type Config struct {
	Chat     Chat
	Data     Data
	MaxCells int64

	// Told hears how far the answer has come, after each piece; it must not keep it. Its
	// error ends the run.
	Told func(*workspace.AskAnswer) error

	// Doing hears what the run is at, for a person.
	Doing func(what string)
}
