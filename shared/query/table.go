package query

import (
	"math"

	"github.com/ncruces/go-sqlite3"

	"ret/shared/profile"
)

// table is a stored table as SQLite reads it.
type table struct {
	of      *statement
	name    string
	opened  *Table
	columns []column
	hidden  []string
	plans   []*plan
	lookups map[int]*lookup // by column
	kept    map[uint64]*keptRows

	groupings map[string]*grouping
	families  map[int]float64 // by column of parents: how many rows one has
}

func newTable(s *statement, name string, opened *Table) *table {
	t := &table{of: s, name: name, opened: opened, lookups: map[int]*lookup{}, kept: map[uint64]*keptRows{}, groupings: map[string]*grouping{}, families: map[int]float64{}}
	t.columns = columnsOf(opened.Columns, opened.Kinds)
	t.hidden = hidden(t.columns)
	return t
}

// kindOf is the kind of a column by its name.
func (t *table) kindOf(name string) profile.Kind {
	for _, c := range t.columns {
		if c.name == name {
			return c.kind
		}
	}
	return profile.Text
}

// plan is one way to find the rows that a part of a statement wants.
type plan struct {
	used    uint64 // columns whose cells are wanted; the last bit stands for all from there on
	way     way
	column  int       // that rows are looked up by
	in      bool      // the row's number is one of several
	filters []filter  // whose arguments follow that of the way
	groups  *grouping // that rows come in; nil: as they stand
	reads   int       // how often it was gone
}

type way uint8

const (
	byScan   way = iota
	byRow        // the one row that has a number
	byLookup     // rows that have a value in a column
)

// filter is a comparison that rows must pass. Unless it is exact, what passes is compared
// by SQLite again, so in doubt it lets a row through.
type filter struct {
	column int
	op     sqlite3.IndexConstraintOp
	in     bool // the argument is a list
	exact  bool // what passes is not compared again
}

// found is a constraint that a plan may use.
type found struct {
	at       int // in IndexInfo.Constraint
	column   int
	op       sqlite3.IndexConstraintOp
	constant bool
	in       bool // of IN: all values come at once
}

// BestIndex implements sqlite3.VTab.
func (t *table) BestIndex(info *sqlite3.IndexInfo) error {
	p := &plan{used: info.ColumnsUsed}
	constraints := t.constraints(info)
	rows := float64(max(t.opened.Rows.Rows(), 1))
	best := t.choose(constraints)
	args := 0
	if best >= 0 {
		c := constraints[best]
		p.way, p.column = byLookup, c.column
		if c.column < 0 || t.columns[c.column].id {
			p.way = byRow
		}
		p.in = c.in
		args++
		info.ConstraintUsage[c.at].ArgvIndex = args
	}
	passing := 1.0
	for i, c := range constraints {
		if i == best || c.column < 0 || !t.helps(info, c) {
			continue
		}
		args++
		exact := t.decides(info, c)
		info.ConstraintUsage[c.at] = sqlite3.IndexConstraintUsage{ArgvIndex: args, Omit: exact}
		p.filters = append(p.filters, filter{c.column, c.op, c.in, exact})
		passing *= share(c.op)
	}
	if p.way == byScan && len(info.OrderBy) > 0 {
		p.groups = t.arranged(info, p)
		info.OrderByConsumed = p.groups != nil || t.stands(info.OrderBy)
	}
	t.estimate(info, p, rows, passing)
	info.IdxNum = len(t.plans)
	t.plans = append(t.plans, p)
	return nil
}

// What SQLite says of the order that it wants: just that, as for ORDER BY, or, for GROUP BY,
// any in which rows of one group come together.
const (
	wantsOrder  = 0
	wantsGroups = 1
)

// arranged has rows come as SQLite would otherwise sort them; nil where it is better that it
// does: it sorts only what passes.
func (t *table) arranged(info *sqlite3.IndexInfo, p *plan) *grouping {
	if t.stands(info.OrderBy) {
		return nil
	}
	for _, f := range p.filters {
		if f.op == sqlite3.INDEX_CONSTRAINT_EQ || f.op == sqlite3.INDEX_CONSTRAINT_ISNULL {
			return nil
		}
	}
	wants := info.Distinct()
	if wants != wantsOrder && wants != wantsGroups {
		return nil
	}
	if g := t.inGroups(info.OrderBy, p.used); g != nil || wants == wantsGroups || len(p.filters) > 0 {
		return g
	}
	return t.inOrder(info.OrderBy, p.used)
}

// stands reports whether rows stand in an order: that of their numbers.
func (t *table) stands(by []sqlite3.IndexOrderBy) bool {
	return !by[0].Desc && (by[0].Column < 0 || by[0].Column < len(t.columns) && t.columns[by[0].Column].id)
}

// estimate tells SQLite what a plan costs, by which it chooses the order of joins.
func (t *table) estimate(info *sqlite3.IndexInfo, p *plan, rows, passing float64) {
	switch p.way {
	case byRow:
		info.EstimatedCost, info.EstimatedRows = 10, 1
		if p.in {
			info.EstimatedCost, info.EstimatedRows = 100, 10
			break
		}
		info.IdxFlags = sqlite3.INDEX_SCAN_UNIQUE
	case byLookup:
		info.EstimatedCost = 20 + math.Log2(rows)
		info.EstimatedRows = int64(math.Ceil(t.alike(p.column, rows) * passing))
	default:
		info.EstimatedCost = 100 + rows*3
		info.EstimatedRows = int64(math.Ceil(rows * passing))
	}
}

// alike is about how many rows have one value in a column.
func (t *table) alike(column int, rows float64) float64 {
	if !t.columns[column].parent {
		return 5 + rows/1000
	}
	n, known := t.families[column]
	if !known {
		n = t.family(column)
		t.families[column] = n
	}
	return n
}

// family is how many rows one parent has on average: they stand in the order of these,
// so the last row's is about as many as there are.
func (t *table) family(column int) float64 {
	rows := t.opened.Rows.Rows()
	last := t.opened.Rows.Cursor(column + 1)
	if rows == 0 || last.GoTo(rows-1) != nil {
		return 1 // whoever reads the table hears of it
	}
	cells, err := last.Next()
	if err != nil {
		return 1
	}
	parents, ok := integerOf(cells[column])
	if !ok || parents < 1 {
		return 1
	}
	return max(1, float64(rows)/float64(parents))
}

// share is what part of the rows may pass a comparison.
func share(op sqlite3.IndexConstraintOp) float64 {
	switch op {
	case sqlite3.INDEX_CONSTRAINT_EQ:
		return 0.05
	case sqlite3.INDEX_CONSTRAINT_ISNOTNULL:
		return 0.9
	}
	return 0.3
}

// constraints are those that are of use to any plan.
func (t *table) constraints(info *sqlite3.IndexInfo) (list []found) {
	for i, c := range info.Constraint {
		if !c.Usable || c.Column >= len(t.columns) || c.Column < 0 && c.Op != sqlite3.INDEX_CONSTRAINT_EQ {
			continue
		}
		switch c.Op {
		case sqlite3.INDEX_CONSTRAINT_EQ, sqlite3.INDEX_CONSTRAINT_LT, sqlite3.INDEX_CONSTRAINT_LE,
			sqlite3.INDEX_CONSTRAINT_GT, sqlite3.INDEX_CONSTRAINT_GE:
			if info.Collation(i) != "BINARY" {
				continue
			}
		case sqlite3.INDEX_CONSTRAINT_ISNULL, sqlite3.INDEX_CONSTRAINT_ISNOTNULL:
		default:
			continue
		}
		_, err := info.RHSValue(i)
		in := c.Op == sqlite3.INDEX_CONSTRAINT_EQ && info.In(i, 1)
		list = append(list, found{at: i, column: c.Column, op: c.Op, constant: err == nil, in: in})
	}
	return list
}

// choose picks the constraint that rows are looked up by: a row's number before all
// others, and what another table has before constants, which say less when they are asked
// for again and again. -1 for none.
func (t *table) choose(list []found) int {
	best, score := -1, 0
	for i, c := range list {
		if c.op != sqlite3.INDEX_CONSTRAINT_EQ {
			continue
		}
		worth := 0
		switch {
		case c.column < 0 || t.columns[c.column].id:
			worth = 2
		case !c.constant && !c.in:
			worth = 1
		}
		if worth > score {
			best, score = i, worth
		}
	}
	return best
}

// helps reports whether rows can be compared here, in a way that lets none go that SQLite
// would take.
func (t *table) helps(info *sqlite3.IndexInfo, c found) bool {
	switch c.op {
	case sqlite3.INDEX_CONSTRAINT_EQ, sqlite3.INDEX_CONSTRAINT_ISNULL, sqlite3.INDEX_CONSTRAINT_ISNOTNULL:
		return true
	}
	if t.columns[c.column].as != asText {
		return true // where the argument is a number
	}
	if !c.constant {
		return false // it may be compared as a number
	}
	v, err := info.RHSValue(c.at)
	return err == nil && v.Type() == sqlite3.TEXT
}

// decides reports whether a comparison here is what SQLite would say.
func (t *table) decides(info *sqlite3.IndexInfo, c found) bool {
	switch c.op {
	case sqlite3.INDEX_CONSTRAINT_ISNULL, sqlite3.INDEX_CONSTRAINT_ISNOTNULL:
		return true
	}
	v, err := info.RHSValue(c.at)
	if err != nil || c.in {
		return false
	}
	switch v.Type() {
	case sqlite3.INTEGER, sqlite3.FLOAT:
		return t.columns[c.column].as != asText
	case sqlite3.TEXT:
		return t.columns[c.column].as == asText
	}
	return false
}

// Open implements sqlite3.VTab.
func (t *table) Open() (sqlite3.VTabCursor, error) { return &cursor{table: t}, nil }
