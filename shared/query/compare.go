package query

import (
	"bytes"
	"cmp"
	"math"

	"github.com/ncruces/go-sqlite3"
)

// wantedValue is a value that cells are compared with, whatever it is.
type wantedValue struct {
	null    bool
	text    []byte // nil for a number
	numeric bool   // it is a number, or a text that SQLite may take for one
	number  float64
	whole   bool // it is an INTEGER
	integer int64
}

func valueArg(v sqlite3.Value) wantedValue {
	switch v.Type() {
	case sqlite3.NULL:
		return wantedValue{null: true}
	case sqlite3.INTEGER:
		return wantedValue{numeric: true, number: v.Float(), whole: true, integer: v.Int64()}
	case sqlite3.FLOAT:
		return wantedValue{numeric: true, number: v.Float()}
	case sqlite3.BLOB:
		return wantedValue{text: present(v.Blob(nil))}
	}
	w := wantedValue{text: present(bytes.Clone(v.RawText()))}
	w.number, w.numeric = looksNumeric(w.text)
	return w
}

// eachOf goes through the values of an IN.
func eachOf(list sqlite3.Value, f func(wantedValue)) error {
	v, err := list.InFirst()
	for ; err == nil; v, err = list.InNext() {
		f(valueArg(v))
	}
	if code, ok := err.(interface{ Code() sqlite3.ErrorCode }); ok && code.Code() == doneCode {
		return nil
	}
	return err
}

// doneCode is SQLite's answer after the last value.
const doneCode sqlite3.ErrorCode = 101

func present(text []byte) []byte {
	if text == nil {
		return []byte{}
	}
	return text
}

// rowNumber is which row, from 0, has this number, from 1.
func (w wantedValue) rowNumber(rows int64) (uint32, bool) {
	if !w.numeric || w.number < 1 || w.number > float64(rows) || w.number != float64(int64(w.number)) {
		return 0, false
	}
	return uint32(w.number) - 1, true
}

// compare is whether a cell that is there is less than the value, equal or greater, as
// SQLite compares what it is given of that cell, if either both are texts or the value is a
// number and the column one of numbers.
func (w *wantedValue) compare(cell []byte, as class) int {
	if as == asInteger {
		if n, ok := integerOf(cell); ok && w.whole {
			return cmp.Compare(n, w.integer)
		} else if ok {
			return compareMixed(n, w.number)
		}
	} else if as == asReal {
		if f, ok := realOf(cell); ok && w.whole {
			return -compareMixed(w.integer, f)
		} else if ok {
			return cmp.Compare(f, w.number)
		}
	}
	if w.text == nil {
		return 1 // texts come after numbers
	}
	return bytes.Compare(cell, w.text)
}

// compareMixed compares exactly; what a double has behind the point counts.
func compareMixed(n int64, f float64) int {
	switch {
	case f < -1<<63:
		return 1
	case f >= 1<<63:
		return -1
	}
	if whole := int64(f); n != whole {
		return cmp.Compare(n, whole)
	}
	return cmp.Compare(math.Trunc(f), f)
}

// mayEqual reports whether SQLite may find a cell equal.
func (w *wantedValue) mayEqual(cell []byte) bool {
	if w.text != nil && bytes.Equal(w.text, cell) {
		return true
	}
	if !w.numeric {
		return false
	}
	f, ok := looksNumeric(cell)
	return ok && near(f, w.number)
}

// wantedSet are the values of an IN. Numbers are together with texts that SQLite may take
// for them.
type wantedSet struct {
	texts   map[string]bool
	numbers map[float64]bool
}

func (s *wantedSet) mayHave(cell []byte) bool {
	if s.texts[string(cell)] {
		return true
	}
	f, ok := looksNumeric(cell)
	return ok && s.numbers[roundly(f)]
}

// test is a filter with its argument.
type test struct {
	column int
	op     sqlite3.IndexConstraintOp
	as     class
	wanted wantedValue
	set    *wantedSet // of an IN
	never  bool       // no row passes
	always bool       // SQLite decides alone
	exact  bool       // SQLite does not compare again
}

func (c *cursor) newTest(f filter, arg sqlite3.Value) (t test, err error) {
	t = test{column: f.column, op: f.op, as: c.table.columns[f.column].as, exact: f.exact}
	switch {
	case f.op == sqlite3.INDEX_CONSTRAINT_ISNULL || f.op == sqlite3.INDEX_CONSTRAINT_ISNOTNULL:
		return t, nil
	case f.in:
		return t, c.fillSet(&t, arg)
	}
	t.wanted = valueArg(arg)
	t.never = t.wanted.null
	if f.op != sqlite3.INDEX_CONSTRAINT_EQ && !t.exact {
		t.always = (t.as != asText) == (t.wanted.text != nil)
	}
	return t, nil
}

// fillSet reads the values of an IN; SQLite decides alone where they have no room.
func (c *cursor) fillSet(t *test, arg sqlite3.Value) error {
	t.set = &wantedSet{texts: map[string]bool{}, numbers: map[float64]bool{}}
	room := c.table.of.room / 2
	err := eachOf(arg, func(w wantedValue) {
		if room -= 100 + int64(len(w.text)); w.null || room < 0 {
			return
		}
		if w.text != nil {
			t.set.texts[string(w.text)] = true
		}
		if w.numeric {
			t.set.numbers[roundly(w.number)] = true
		}
	})
	t.always = room < 0
	return err
}

func (t *test) passes(cells [][]byte) bool {
	cell := cells[t.column]
	switch {
	case t.op == sqlite3.INDEX_CONSTRAINT_ISNULL:
		return cell == nil
	case cell == nil:
		return false
	case t.op == sqlite3.INDEX_CONSTRAINT_ISNOTNULL || t.always:
		return true
	case t.exact:
		return t.ordered(t.wanted.compare(cell, t.as))
	case t.set != nil:
		return t.set.mayHave(cell)
	case t.op == sqlite3.INDEX_CONSTRAINT_EQ:
		return t.wanted.mayEqual(cell)
	case t.as == asText:
		return t.ordered(bytes.Compare(cell, t.wanted.text))
	}
	f, ok := looksNumeric(cell)
	if !ok || near(f, t.wanted.number) {
		return true
	}
	if f < t.wanted.number {
		return t.ordered(-1)
	}
	return t.ordered(1)
}

// ordered reports whether a cell passes that is less, equal or greater.
func (t *test) ordered(cmp int) bool {
	switch t.op {
	case sqlite3.INDEX_CONSTRAINT_LT:
		return cmp < 0
	case sqlite3.INDEX_CONSTRAINT_LE:
		return cmp <= 0
	case sqlite3.INDEX_CONSTRAINT_GT:
		return cmp > 0
	case sqlite3.INDEX_CONSTRAINT_EQ:
		return cmp == 0
	}
	return cmp >= 0
}
