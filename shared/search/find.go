package search

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ret/shared/fault"
)

// Table is one that is searched.
type Table struct {
	ID      string
	N       int64 // its number among the session's tables
	Columns []string

	// Rows calls f for rows from the given one on (0 is the first), in order: all of them, or those
	// among which all are that fit. It ends with f's error. The cells hold during the call.
	Rows func(ctx context.Context, from int64, f func(row int64, cells [][]byte) error) error
}

// Question is what is asked of tables.
type Question struct {
	Query
	Limit  int           // of hits, at least 1
	After  string        // the Next of an earlier answer; "": from the best on
	Within time.Duration // to look through rows; 0 is no bound
}

// Hit is a row that fits.
type Hit struct {
	TableID string  `json:"table_id"`
	Row     int64   `json:"row"` // from 1
	Column  string  `json:"column"`
	Score   float64 `json:"score"`   // more than 0, at most 1
	Snippet string  `json:"snippet"` // see Marked
}

// Answer are the hits of a question.
type Answer struct {
	Hits []Hit
	Next string // where to go on; "": there are no more

	// Cut says that not all rows were looked through: the time was over, or a table is
	// damaged.
	Cut bool

	// Indexed says that an index knew all tables; else rows were looked through one by one.
	Indexed bool
}

// The best are chosen among so many hits: the first of each table, of as many tables as it
// takes. All others follow, table by table.
const (
	rankedOfTable = 120
	rankedInAll   = 480
)

// Find answers a question over tables, those with the largest N first. The best hits come
// first: they are ranked among the first 120 of each table, until there are 480; after
// them come the others in the order of tables and rows. It fails with fault.Invalid on an
// After that is none.
func Find(ctx context.Context, tables []Table, q Question) (Answer, error) {
	at, err := parsePlace(q.After)
	if err != nil {
		return Answer{}, err
	}
	f := finder{ctx: ctx, question: q}
	if q.Within > 0 {
		f.until = time.Now().Add(q.Within)
	}
	if at.rest {
		return f.others(tables, at)
	}
	return f.best(tables, at)
}

// finder answers one question.
type finder struct {
	ctx      context.Context
	question Question
	until    time.Time // the zero time: no bound
	looked   int       // rows
}

var (
	errEnough = errors.New("there are enough hits")
	errCut    = errors.New("the time is over")
)

// look is scan; a table that cannot be read ends where it is damaged.
func (f *finder) look(a *Answer, t Table, from int64, take func(Hit) error) error {
	err := f.scan(t, from, take)
	if fault.KindOf(err) == fault.Damaged && err != nil {
		a.Cut = true
		return nil
	}
	return err
}

// scan calls take for the hits of a table from a row on, until it wants no more.
func (f *finder) scan(t Table, from int64, take func(Hit) error) error {
	m := f.question.Matcher(t.Columns)
	return t.Rows(f.ctx, from, func(row int64, cells [][]byte) error {
		if f.looked++; f.looked%rowsBetween == 0 {
			if err := f.ctx.Err(); err != nil {
				return err
			}
			if !f.until.IsZero() && time.Now().After(f.until) {
				return errCut
			}
		}
		fit, ok := m.Match(cells)
		if !ok {
			return nil
		}
		hit := Hit{TableID: t.ID, Row: row + 1, Score: fit.Score}
		if fit.Column < len(t.Columns) {
			hit.Column = t.Columns[fit.Column]
			hit.Snippet = Marked(m.Snippet(fit.Column, cells[fit.Column]))
		}
		return take(hit)
	})
}

// rowsBetween is how many rows are looked at between two looks at the clock.
const rowsBetween = 64

// best ranks the first hits of the first tables that have any.
func (f *finder) best(tables []Table, at place) (a Answer, err error) {
	var hits []Hit
	rest := place{rest: true}
	more := false
	for _, t := range tables {
		n := 0
		err := f.look(&a, t, 0, func(h Hit) error {
			if n == rankedOfTable {
				more = true
				return errEnough
			}
			hits = append(hits, h)
			n++
			return nil
		})
		if errors.Is(err, errCut) {
			a.Cut = true
			break
		}
		if err != nil && !errors.Is(err, errEnough) {
			return a, err
		}
		rest.ranked = t.N
		if len(hits) >= rankedInAll {
			more = more || t.N != tables[len(tables)-1].N
			break
		}
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return cmp.Compare(b.Score, a.Score) })
	a.Hits = hits[min(at.offset, len(hits)):]
	switch {
	case len(a.Hits) > f.question.Limit:
		a.Hits = a.Hits[:f.question.Limit]
		a.Next = place{offset: at.offset + f.question.Limit}.String()
	case more && !a.Cut:
		rest.table = tables[0].N
		a.Next = rest.String()
	}
	return a, nil
}

// others gives the hits that were not among the ranked ones.
func (f *finder) others(tables []Table, at place) (a Answer, err error) {
	for _, t := range tables {
		if t.N > at.table {
			continue
		}
		from, skip := int64(0), 0
		if t.N == at.table {
			from = at.row
		}
		if from == 0 && t.N >= at.ranked {
			skip = rankedOfTable
		}
		err := f.look(&a, t, from, func(h Hit) error {
			if skip > 0 {
				skip--
				return nil
			}
			if len(a.Hits) == f.question.Limit {
				a.Next = place{rest: true, ranked: at.ranked, table: t.N, row: h.Row - 1}.String()
				return errEnough
			}
			a.Hits = append(a.Hits, h)
			return nil
		})
		switch {
		case errors.Is(err, errEnough):
			return a, nil
		case errors.Is(err, errCut):
			a.Cut = true
			return a, nil
		case err != nil:
			return a, err
		}
	}
	return a, nil
}

// place is where an answer goes on: behind so many of the ranked hits, or among the rest
// from a row of a table on.
type place struct {
	offset int

	rest       bool
	ranked     int64 // the last table whose first hits were ranked
	table, row int64
}

func (p place) String() string {
	if p.rest {
		return fmt.Sprintf("r.%d.%d.%d", p.ranked, p.table, p.row)
	}
	return fmt.Sprintf("b.%d", p.offset)
}

func parsePlace(text string) (p place, err error) {
	if text == "" {
		return p, nil
	}
	kind, rest, _ := strings.Cut(text, ".")
	var n [3]int64
	for i, part := range strings.SplitN(rest, ".", len(n)) {
		if n[i], err = strconv.ParseInt(part, 10, 64); err != nil || n[i] < 0 {
			return p, errNoPlace
		}
	}
	if p = (place{offset: int(n[0])}); kind == "r" {
		p = place{rest: true, ranked: n[0], table: n[1], row: n[2]}
	}
	if p.String() != text {
		return p, errNoPlace
	}
	return p, nil
}

var errNoPlace = fault.New(fault.Invalid, "after must be what the last answer gave as next.")
