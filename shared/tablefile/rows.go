package tablefile

import (
	"cmp"
	"context"
	"errors"
	"math"
	"net/url"
	"slices"

	"ret/shared/xmltable"
)

// Query is a view of a table, and a place in it. The zero value with a Limit gives the
// first rows as stored. Filters of all forms must hold together.
type Query struct {
	Offset int64
	Limit  int

	// Sorts are names of columns, with "-" before one that is turned round; the first
	// counts most. An empty one says nothing.
	Sorts []string

	Filters []string // "price>=10", "title~go", "isbn=" (empty), "isbn!" (absent)
	In      []string // `country:["at","ch",null]`: one of these values, null is absent
	Regex   []string // `isbn:^978`: a regular expression (RE2) that fits somewhere in the value
	Text    string   // contained in any column, whatever its case

	Hidden []string // names of columns that the answer leaves out

	// Of the columns that are left, the answer has those from FirstColumn on, Columns of
	// them; 0: all.
	FirstColumn, Columns int
}

// Plain reports whether the rows are all of the table's, as they stand.
func (q Query) Plain() bool { return !q.Filtered() && len(sorts(q.Sorts)) == 0 }

// AllColumns reports whether the answer has every column.
func (q Query) AllColumns() bool { return len(q.Hidden) == 0 && q.FirstColumn == 0 && q.Columns == 0 }

// Filtered reports whether rows may be left out.
func (q Query) Filtered() bool {
	return len(q.Filters) > 0 || len(q.In) > 0 || len(q.Regex) > 0 || q.Text != ""
}

// filtersOnly is which rows the query lets through, in no order and with all columns.
func (q Query) filtersOnly() Query {
	return Query{Filters: q.Filters, In: q.In, Regex: q.Regex, Text: q.Text}
}

// ParseView reads a view from the parameters of an address: sort, filter, in, regex,
// hide, which may repeat, and q.
func ParseView(v url.Values) Query {
	return Query{
		Sorts: sorts(v["sort"]), Filters: v["filter"], In: v["in"], Regex: v["regex"], Text: v.Get("q"), Hidden: v["hide"],
	}
}

// Values writes the view as ParseView reads it.
func (q Query) Values() url.Values {
	v := url.Values{}
	for name, list := range map[string][]string{
		"sort": sorts(q.Sorts), "filter": q.Filters, "in": q.In, "regex": q.Regex, "hide": q.Hidden,
	} {
		if len(list) > 0 {
			v[name] = list
		}
	}
	if q.Text != "" {
		v.Set("q", q.Text)
	}
	return v
}

// Check fails with fault.Invalid where the query names a column that is not among
// these, or has what is no filter.
func (q Query) Check(columns []string) error {
	_, err := parseQuery(q, columns)
	return err
}

// Page is an answer to a Query.
type Page struct {
	Columns []string    `json:"columns"`
	Rows    [][]*string `json:"rows"` // nil is absent
	Offset  int64       `json:"offset"`
	Total   int64       `json:"total"` // rows that the filters let through

	// Numbers say which rows of the table these are, from 1, unless they stand as stored.
	Numbers []int64 `json:"numbers,omitempty"`

	// Next is the offset to go on from, where rows are so large that fewer were given
	// than asked for.
	Next *int64 `json:"next,omitempty"`
}

// PageBytes is how many bytes of values a page holds at most, unless its first row
// alone has more: a table that is shorter is never cut short.
const PageBytes = 16 << 20

// Page reads rows, fewer than Limit if they have more than PageBytes. Memory is bounded, whatever the table and the offset; time grows
// with the table unless neither sorted nor filtered. It fails with fault.Invalid on a
// column that is not there and on what is no filter. Views.Page remembers what was
// sorted.
func (t *Table) Page(ctx context.Context, q Query) (Page, error) {
	asked, err := t.parse(q)
	if err != nil {
		return Page{}, err
	}
	return t.page(ctx, q, asked)
}

// page finds out which rows the page has, then reads them.
func (t *Table) page(ctx context.Context, q Query, asked question) (Page, error) {
	page := t.emptyPage(q, asked, t.index.Rows)
	if asked.plain() {
		err := t.stored(ctx, q, asked, &page)
		return page, err
	}
	first, rows := q.Offset, []uint32(nil)
	place := int64(0)
	total, err := t.choose(ctx, asked, min(first, math.MaxInt64-int64(q.Limit))+int64(q.Limit), func(row uint32) {
		if place >= first {
			rows = append(rows, row)
		}
		place++
	})
	if err != nil {
		return Page{}, err
	}
	page.Total = total
	err = t.readRows(ctx, rows, asked, &page)
	return page, err
}

// pageOf reads a page of a view.
func (t *Table) pageOf(ctx context.Context, q Query, asked question, v numbers) (Page, error) {
	page := t.emptyPage(q, asked, v.Len())
	first := min(q.Offset, v.Len())
	rows, err := v.from(first, min(int64(q.Limit), v.Len()-first))
	if err != nil {
		return Page{}, err
	}
	err = t.readRows(ctx, rows, asked, &page)
	return page, err
}

func (t *Table) emptyPage(q Query, asked question, total int64) Page {
	return Page{Columns: asked.names(t.Columns), Rows: [][]*string{}, Offset: q.Offset, Total: total}
}

// stored reads a page as it stands, by the index.
func (t *Table) stored(ctx context.Context, q Query, asked question, page *Page) error {
	first := min(q.Offset, t.index.Rows)
	last := first + min(int64(q.Limit), t.index.Rows-first)
	bytes := int64(0)
	err := t.Range(ctx, first, last, func(_ int64, cells [][]byte) error {
		cells = asked.cells(cells)
		if bytes += cellBytes(cells); bytes > PageBytes && len(page.Rows) > 0 {
			return errPageFull
		}
		page.Rows = append(page.Rows, xmltable.CellTexts(cells))
		return nil
	})
	if errors.Is(err, errPageFull) {
		err = nil
	}
	page.endAfter(len(page.Rows), last-first)
	return err
}

var errPageFull = errors.New("the page is full")

// endAfter notes where to go on if fewer rows are given than were to be.
func (p *Page) endAfter(given int, due int64) {
	p.Rows = p.Rows[:given]
	if int64(given) < due {
		next := p.Offset + int64(given)
		p.Next = &next
	}
}

// readRows reads rows that stand here and there. Those of one indexed block are read
// in one go, so the table is read once at most, however long its rows are.
func (t *Table) readRows(ctx context.Context, rows []uint32, asked question, page *Page) error {
	places := make([]int, len(rows)) // in the order in which they are stored
	for i := range places {
		places[i] = i
	}
	slices.SortFunc(places, func(a, b int) int { return cmp.Compare(rows[a], rows[b]) })
	g := gathered{rows: make([][]*string, len(rows)), sizes: make([]int64, len(rows)), keep: len(rows)}
	for len(places) > 0 {
		block := rows[places[0]] / indexEvery
		n := 1
		for n < len(places) && rows[places[n]]/indexEvery == block {
			n++
		}
		if err := t.readBlock(ctx, rows, places[:n], asked, &g); err != nil {
			return err
		}
		places = places[n:]
	}
	page.Rows, page.Numbers = g.rows, make([]int64, g.keep)
	for i := range page.Numbers {
		page.Numbers[i] = int64(rows[i]) + 1
	}
	page.endAfter(g.keep, int64(len(rows)))
	return nil
}

// readBlock reads those rows of a block that still have a place on the page.
func (t *Table) readBlock(ctx context.Context, rows []uint32, places []int, asked question, g *gathered) error {
	places = slices.DeleteFunc(places, func(place int) bool { return place >= g.keep })
	if len(places) == 0 {
		return ctx.Err()
	}
	first, last := int64(rows[places[0]]), int64(rows[places[len(places)-1]])
	return t.Range(ctx, first, last+1, func(row int64, cells [][]byte) error {
		if int64(rows[places[0]]) == row {
			g.put(places[0], asked.cells(cells))
			places = places[1:]
		}
		return nil
	})
}

// gathered are a page's rows as they come, in any order. It keeps as many of the first
// as fit on the page.
type gathered struct {
	rows  [][]*string
	sizes []int64
	bytes int64
	keep  int // rows from here on are let go
}

func (g *gathered) put(place int, cells [][]byte) {
	if place >= g.keep {
		return
	}
	g.sizes[place] = cellBytes(cells)
	for g.bytes += g.sizes[place]; g.bytes > PageBytes && g.keep > 1; {
		g.keep--
		g.bytes -= g.sizes[g.keep]
		g.rows[g.keep] = nil
	}
	if place < g.keep {
		g.rows[place] = xmltable.CellTexts(cells)
	}
}

// cellBytes is what a row takes on a page.
func cellBytes(cells [][]byte) (n int64) {
	for _, cell := range cells {
		n += int64(len(cell))
	}
	return n
}
