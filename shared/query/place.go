package query

import (
	"strings"
	"unicode/utf8"

	"ret/shared/fault"
	"ret/shared/fold"
	"ret/shared/sqlite/sandbox"
)

// Error says what is wrong with a statement, and where: line and column count from 1, the
// column in characters. Its kind is fault.Malformed, or fault.TooLarge for a statement
// that takes more than it may.
type Error struct {
	Line, Column int
	err          *fault.Error
}

func (e *Error) Error() string { return e.err.Error() }

// Unwrap gives the fault with its sentence.
func (e *Error) Unwrap() error { return e.err }

// Place is line and column.
func (e *Error) Place() (line, column int) { return e.Line, e.Column }

// placed puts an error of the sandbox at its place.
func placed(sql string, err *sandbox.Error) *Error {
	offset := err.Offset
	if offset < 0 && err.Name != "" {
		offset = findName(sql, err.Name)
	}
	kind := fault.Malformed
	if err.Kind == sandbox.TooBig {
		kind = fault.TooLarge
	}
	line, column := lineAndColumn(sql, max(offset, 0))
	return &Error{Line: line, Column: column, err: fault.New(kind, "%s", err.Message)}
}

func lineAndColumn(sql string, offset int) (line, column int) {
	before := sql[:min(offset, len(sql))]
	line = 1 + strings.Count(before, "\n")
	return line, 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
}

// findName is where a name stands in a statement, in whatever way it is written; -1 if
// nowhere.
func findName(sql, name string) int {
	if _, table, ok := strings.Cut(name, "."); ok { // SQLite puts the schema before it
		if at := findName(sql, table); at >= 0 {
			return at
		}
	}
	wanted := fold.String(name)
	for at := 0; at < len(sql); {
		word, length := nextToken(sql[at:])
		if word != "" && fold.String(word) == wanted {
			return at
		}
		at += length
	}
	return -1
}

// nextToken reads a token: of a name what it says, of all else only the length.
func nextToken(sql string) (name string, length int) {
	switch b := sql[0]; {
	case b == '"' || b == '`':
		return quotedToken(sql, b)
	case b == '[':
		if end := strings.IndexByte(sql, ']'); end > 0 {
			return sql[1:end], end + 1
		}
	case b == '\'':
		_, length = quotedToken(sql, b)
		return "", length
	case strings.HasPrefix(sql, "--"):
		if end := strings.IndexByte(sql, '\n'); end > 0 {
			return "", end
		}
		return "", len(sql)
	case strings.HasPrefix(sql, "/*"):
		if end := strings.Index(sql[2:], "*/"); end >= 0 {
			return "", end + 4
		}
		return "", len(sql)
	case isWord(b):
		end := 1
		for end < len(sql) && isWord(sql[end]) {
			end++
		}
		return sql[:end], end
	}
	return "", 1
}

func quotedToken(sql string, quote byte) (name string, length int) {
	for end := 1; end < len(sql); end++ {
		if sql[end] != quote {
			continue
		}
		if end+1 < len(sql) && sql[end+1] == quote {
			end++
			continue
		}
		q := string(quote)
		return strings.ReplaceAll(sql[1:end], q+q, q), end + 1
	}
	return "", len(sql)
}

func isWord(b byte) bool {
	return b >= utf8.RuneSelf || b == '_' || b == '$' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}
