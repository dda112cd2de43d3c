package tablefile

import (
	"bytes"
	"slices"
	"strings"

	"ret/shared/fault"
	"ret/shared/fold"
)

// filter is one condition on a row.
type filter struct {
	column int
	match  func(cell []byte) bool
}

// parseFilter reads "column", an operator, a value. Column names may hold any
// character, also those of operators: the longest name that fits is meant.
func parseFilter(text string, columns []string) (filter, error) {
	best, match := -1, (func([]byte) bool)(nil)
	for i, name := range columns {
		rest, ok := strings.CutPrefix(text, name)
		if !ok || best >= 0 && len(name) <= len(columns[best]) {
			continue
		}
		if m := parseCondition(rest); m != nil {
			best, match = i, m
		}
	}
	if best < 0 {
		return filter{}, fault.New(fault.Invalid, "The filter %q is not understood. Write a column's name, one of = != ~ < <= > >= and a value; or the name and = for empty, ! for absent.", text)
	}
	return filter{best, match}, nil
}

// parseCondition reads an operator and its value, or returns nil. An absent cell,
// which is nil, satisfies only "!".
func parseCondition(text string) func(cell []byte) bool {
	if text == "!" {
		return func(cell []byte) bool { return cell == nil }
	}
	if part, ok := strings.CutPrefix(text, "~"); ok {
		return contains(part)
	}
	for _, op := range operators {
		if operand, ok := strings.CutPrefix(text, op.sign); ok {
			return compares(op.accepts, operand)
		}
	}
	return nil
}

// operators stand so that no sign begins with an earlier one.
var operators = []struct {
	sign    string
	accepts func(order int) bool
}{
	{"!=", func(order int) bool { return order != 0 }},
	{"<=", func(order int) bool { return order <= 0 }},
	{">=", func(order int) bool { return order >= 0 }},
	{"=", func(order int) bool { return order == 0 }},
	{"<", func(order int) bool { return order < 0 }},
	{">", func(order int) bool { return order > 0 }},
}

func compares(accepts func(order int) bool, operand string) func(cell []byte) bool {
	with := parseValue([]byte(operand))
	return func(cell []byte) bool {
		return cell != nil && accepts(compareValues(parseValue(cell), with))
	}
}

func contains(part string) func(cell []byte) bool {
	folded := fold.Append(nil, []byte(part))
	var room []byte
	return func(cell []byte) bool {
		if cell == nil {
			return false
		}
		room = fold.Append(room[:0], cell)
		return bytes.Contains(room, folded)
	}
}

// parseFilters reads all conditions, which must hold together.
func parseFilters(texts, columns []string) ([]filter, error) {
	var filters []filter
	for _, text := range texts {
		f, err := parseFilter(text, columns)
		if err != nil {
			return nil, err
		}
		filters = append(filters, f)
	}
	return filters, nil
}

func matchAll(filters []filter, cells [][]byte) bool {
	return !slices.ContainsFunc(filters, func(f filter) bool { return !f.match(cells[f.column]) })
}
