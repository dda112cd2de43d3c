package sandbox

import (
	"errors"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// Kind is what is wrong with a statement.
type Kind uint8

// The kinds.
const (
	Wrong   Kind = iota // it makes no sense
	NoTable             // it names a table that was not added: Name
	Denied              // it would do what it may not
	TooBig              // it takes more than it may
)

// Error is why a statement was not run, or not to its end.
type Error struct {
	Kind    Kind
	Message string // a sentence for a person
	Offset  int    // in bytes, of the place in the statement; -1 if unknown
	Name    string // of a table that is not there
}

func (e *Error) Error() string { return e.Message }

// explain says what SQLite's error means.
func (c *Conn) explain(err error, sql string) error {
	if c.ctx.Err() != nil || errors.Is(err, sqlite3.INTERRUPT) {
		return errInterrupted
	}
	message, offset := "", -1
	if full, ok := errors.AsType[*sqlite3.Error](err); ok {
		message = messageOf(full)
		if rest := full.SQL(); rest != "" {
			offset = len(sql) - len(rest)
		}
	}
	switch {
	case errors.Is(err, sqlite3.NOMEM):
		return errMemory()
	case errors.Is(err, sqlite3.TOOBIG):
		return &Error{Kind: TooBig, Message: "A value here is longer than 2 MiB, which SQL does not take here.", Offset: offset}
	case errors.Is(err, sqlite3.AUTH), strings.HasPrefix(message, "not authorized"):
		return denied(message, offset)
	}
	if name, ok := strings.CutPrefix(message, "no such table: "); ok {
		return &Error{Kind: NoTable, Message: "There is no table " + quoted(name) + ".", Offset: offset, Name: name}
	}
	if message == "incomplete input" {
		offset = len(sql)
	}
	return &Error{Kind: Wrong, Message: sentence(message), Offset: offset}
}

// messageOf is SQLite's message without the kind that the library puts before it.
func messageOf(err *sqlite3.Error) string {
	kind := err.Code().Error()
	return strings.TrimPrefix(strings.TrimPrefix(err.Error(), kind), ": ")
}

// denied says what a statement may not do.
func denied(message string, offset int) error {
	e := &Error{Kind: Denied, Message: "Only SELECT over this session's tables is allowed here.", Offset: offset}
	if name, ok := strings.CutPrefix(message, "not authorized to use function: "); ok {
		e.Message = "The function " + name + " is not to be had here."
		e.Name = name
	}
	return e
}

// sentence makes one of SQLite's message.
func sentence(message string) string {
	if message == "" {
		return "SQLite does not understand this."
	}
	return strings.ToUpper(message[:1]) + message[1:] + "."
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
