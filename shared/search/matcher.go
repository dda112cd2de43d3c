package search

import (
	"math"

	"ret/shared/fold"
)

// Matcher holds a question against the rows of one table. It is used by one goroutine at
// a time.
type Matcher struct {
	ways [][]columnTerm

	folded []byte   // the cells of a row
	cells  [][]byte // in folded; nil is absent
}

// columnTerm is a term in the columns of one table.
type columnTerm struct {
	term
	columns []int // nil: any
}

// Fit is where a row fits a question best, and how well: more than 0, at most 1.
type Fit struct {
	Column int
	Score  float64
}

// Matcher makes one for a table of these columns.
func (q Query) Matcher(columns []string) *Matcher {
	m := &Matcher{cells: make([][]byte, len(columns))}
	byName := make(map[string][]int, len(columns))
	for i, name := range columns {
		name = folded(name)
		byName[name] = append(byName[name], i)
	}
	for _, w := range q.ways {
		var terms []columnTerm
		for _, t := range w {
			terms = append(terms, t.in(byName))
		}
		m.ways = append(m.ways, terms)
	}
	return m
}

// in is the term in a table that has these columns.
func (t term) in(byName map[string][]int) columnTerm {
	if t.column == "" {
		return columnTerm{term: t}
	}
	if columns := byName[t.column]; columns != nil {
		return columnTerm{t, columns}
	}
	if t.typed != nil {
		return columnTerm{term: *t.typed}
	}
	return columnTerm{t, []int{}}
}

// Match reports whether a row fits, and where. A nil cell is absent.
func (m *Matcher) Match(cells [][]byte) (fit Fit, ok bool) {
	m.fold(cells)
	for _, terms := range m.ways {
		if !m.fits(terms) {
			continue
		}
		if f := m.rate(terms); !ok || f.Score > fit.Score {
			fit, ok = f, true
		}
	}
	return fit, ok
}

func (m *Matcher) fold(cells [][]byte) {
	need := 0
	for _, cell := range cells {
		need += len(cell)
	}
	if need*2 > cap(m.folded) { // what folds may be longer than it was; append copes with more
		m.folded = make([]byte, 0, need*2)
	}
	out := m.folded[:0]
	for i, cell := range cells {
		if cell == nil {
			m.cells[i] = nil
			continue
		}
		from := len(out)
		out = fold.Plain(out, cell)
		m.cells[i] = out[from:len(out):len(out)]
	}
}

func (m *Matcher) fits(terms []columnTerm) bool {
	for i := range terms {
		if m.has(&terms[i]) == terms[i].not {
			return false
		}
	}
	return true
}

func (m *Matcher) has(t *columnTerm) bool {
	if t.columns == nil {
		for _, cell := range m.cells {
			if start, _ := t.find(cell, 0); start >= 0 {
				return true
			}
		}
		return false
	}
	for _, i := range t.columns {
		if start, _ := t.find(m.cells[i], 0); start >= 0 {
			return true
		}
	}
	return false
}

// rate says how well a row fits that does: what its terms are worth, on average.
func (m *Matcher) rate(terms []columnTerm) Fit {
	best, sum, n := Fit{Column: m.firstPresent()}, 0.0, 0
	for i := range terms {
		if terms[i].not {
			continue
		}
		f := m.rateTerm(&terms[i])
		if n == 0 || f.Score > best.Score {
			best = f
		}
		sum += f.Score
		n++
	}
	if n > 0 {
		best.Score = math.Round(sum/float64(n)*1000) / 1000
	}
	best.Score = max(best.Score, leastScore)
	return best
}

func (m *Matcher) firstPresent() int {
	for i, cell := range m.cells {
		if len(cell) > 0 {
			return i
		}
	}
	return 0
}

func (m *Matcher) rateTerm(t *columnTerm) (best Fit) {
	for i, cell := range m.cells {
		if !t.looksIn(i) {
			continue
		}
		start, end := t.find(cell, 0)
		if start < 0 {
			continue
		}
		if score := t.worth(cell, start, end); score > best.Score {
			best = Fit{i, score}
		}
	}
	return best
}

func (t *columnTerm) looksIn(column int) bool {
	if t.columns == nil {
		return true
	}
	for _, i := range t.columns {
		if i == column {
			return true
		}
	}
	return false
}

// What a place is worth: a whole cell is worth 1, else whole words more than the beginning
// of one, and that more than what lies within; each the more, the more of its cell it
// is.
const (
	wordsWorth  = 0.6
	beginsWorth = 0.45
	withinWorth = 0.3
	coverWorth  = 0.35
	leastScore  = 0.001 // of a row that only lacks what it must not have
)

func (t *columnTerm) worth(cell []byte, start, end int) float64 {
	if start == 0 && end == len(cell) {
		return 1
	}
	kind := withinWorth
	if beginsWord(cell, start) {
		kind = beginsWorth
		if endsWord(cell, end) {
			kind = wordsWorth
		}
	}
	return kind + coverWorth*float64(end-start)/float64(len(cell))
}
