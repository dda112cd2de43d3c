package tablefile

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"ret/shared/fault"
	"ret/shared/fold"
)

// filter is one condition on a row.
type filter struct {
	column int // anyColumn: one of them is enough
	match  func(cell []byte) bool
}

const anyColumn = -1

func (f filter) matches(cells [][]byte) bool {
	if f.column == anyColumn {
		return slices.ContainsFunc(cells, f.match)
	}
	return f.match(cells[f.column])
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
		return filter{}, notUnderstood(text, "=!~<>", columns, "one of = != ~ < <= > >= and a value; or the name and = for empty, ! for absent")
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

// parseNamed reads a column's name, ":" and what read understands. The longest name that
// fits is meant; read says what is wrong with the text behind it.
func parseNamed(text string, columns []string, read func(text string) (match func([]byte) bool, wrong string)) (filter, error) {
	best, match, wrong := -1, (func([]byte) bool)(nil), ""
	for i, name := range columns {
		rest, ok := strings.CutPrefix(text, name)
		if !ok || best >= 0 && len(name) <= len(columns[best]) {
			continue
		}
		if rest, ok = strings.CutPrefix(rest, ":"); !ok {
			continue
		}
		if m, why := read(rest); m != nil {
			best, match = i, m
		} else {
			wrong = why
		}
	}
	switch {
	case best >= 0:
		return filter{best, match}, nil
	case wrong != "":
		return filter{}, fault.New(fault.Invalid, "The filter %q is not understood: %s", text, wrong)
	}
	return filter{}, notUnderstood(text, ":", columns, "a colon, and what its values must be")
}

// notUnderstood says what is wrong with a filter of which no column's name and operator
// are the beginning: that there is no such column, where it has an operator.
func notUnderstood(text, signs string, columns []string, form string) error {
	if end := strings.IndexAny(text, signs); end > 0 && !slices.Contains(columns, text[:end]) {
		return fault.New(fault.Invalid, "There is no column %q to filter by.", text[:end])
	}
	return fault.New(fault.Invalid, "The filter %q is not understood. Write a column's name, %s.", text, form)
}

// oneOf reads a JSON list of values, of which null is an absent one.
func oneOf(text string) (match func([]byte) bool, wrong string) {
	var list []*string
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, `the values stand in a JSON list, such as ["a","b",null].`
	}
	absent, values := false, make(map[string]bool, len(list))
	for _, value := range list {
		if value == nil {
			absent = true
		} else {
			values[*value] = true
		}
	}
	return func(cell []byte) bool {
		if cell == nil {
			return absent
		}
		return values[string(cell)]
	}, ""
}

// fits reads a regular expression. Go's take time in proportion to what they look at.
func fits(text string) (match func([]byte) bool, wrong string) {
	expression, err := regexp.Compile(text)
	if err != nil {
		return nil, "the regular expression (RE2) has a mistake: " + expressionMistake(err)
	}
	return func(cell []byte) bool { return cell != nil && expression.Match(cell) }, ""
}

func expressionMistake(err error) string {
	var mistake *syntax.Error
	if errors.As(err, &mistake) {
		return mistake.Code.String() + ", in " + strconv.Quote(mistake.Expr) + "."
	}
	return "it cannot be read."
}

// parseFilters reads all conditions of a query, which must hold together.
func parseFilters(q Query, columns []string) ([]filter, error) {
	var filters []filter
	add := func(f filter, err error) error {
		filters = append(filters, f)
		return err
	}
	for _, text := range q.Filters {
		if err := add(parseFilter(text, columns)); err != nil {
			return nil, err
		}
	}
	for _, text := range q.In {
		if err := add(parseNamed(text, columns, oneOf)); err != nil {
			return nil, err
		}
	}
	if q.Text != "" {
		_ = add(filter{anyColumn, contains(q.Text)}, nil)
	}
	for _, text := range q.Regex { // what costs most comes last
		if err := add(parseNamed(text, columns, fits)); err != nil {
			return nil, err
		}
	}
	return filters, nil
}

func matchAll(filters []filter, cells [][]byte) bool {
	for _, f := range filters {
		if !f.matches(cells) {
			return false
		}
	}
	return true
}
