package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"ret/server/files"
	"ret/server/keys"
	"ret/shared/tablefile"
	"ret/shared/xmltable"
)

// What a person does with a large table, as the server does it: the table lies sealed in
// a session's folder. The rivals have the same rows in clear: SQLite in one file, asked by
// its own shell, whose start counts a few milliseconds; DuckDB in memory, in Node, on as many
// threads as there are processors. Both were given the table's columns with their kinds.
const (
	gridRows   = 1_000_000
	gridRounds = 3 // of which the median counts
)

var gridColumns = []string{"_id", "number", "customer", "country", "placed", "sent", "quantity", "price", "paid", "discount", "lot", "note"}

type gridBench struct {
	*bench
	ctx      context.Context
	table    *tablefile.Table
	shelf    gridShelf
	database string // of the rival, or ""
	duck     *duck  // nil: it is not there
}

func benchGrid(ctx context.Context, b *bench) error {
	folder, remove, err := workFolder()
	if err != nil {
		return err
	}
	defer remove()
	g := &gridBench{bench: b, ctx: ctx}
	if err := g.prepare(folder); err != nil {
		return err
	}
	if g.duck != nil {
		defer g.duck.end()
	}
	for _, measure := range []func() error{g.sorts, g.filters, g.values, g.profiles} {
		if err := measure(); err != nil {
			return err
		}
	}
	if err := inRepository(ctx, "build/assets"); err != nil {
		return err
	}
	return b.inChromium(ctx, "^TestMeasureGrid$")
}

// prepare writes the table into a session's folder, and the same as CSV for the rival.
func (g *gridBench) prepare(folder string) error {
	root := filepath.Join(folder, "runtime")
	if err := os.Mkdir(root, 0o700); err != nil {
		return err
	}
	master, err := keys.Open(filepath.Join(folder, "master.key"), true)
	if err != nil {
		return err
	}
	store, err := files.OpenStore(root, master, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	session, err := store.Open("bench")
	if err != nil {
		return err
	}
	text, err := os.Create(filepath.Join(folder, "rows.csv"))
	if err != nil {
		return err
	}
	blob, index, err := writeGrid(session, csv.NewWriter(text))
	if err = errors.Join(err, text.Close()); err != nil {
		return err
	}
	content, err := session.OpenWhole(blob, index.Bytes)
	if err != nil {
		return err
	}
	if g.table, err = tablefile.Open(content, index); err != nil {
		return err
	}
	g.shelf = gridShelf{session.Shelf(), blob}
	g.note("grid: %d rows of %d columns, %d MB", gridRows, len(gridColumns), index.Bytes>>20)
	if err := g.prepareDuck(text.Name()); err != nil {
		g.note("DuckDB for Node: %v", err)
	}
	return g.prepareRival(folder, text.Name())
}

// prepareDuck imports the rows, if DuckDB can be had.
func (g *gridBench) prepareDuck(rows string) error {
	d, err := startDuck(g.ctx, g.bench, runtime.NumCPU())
	if err != nil {
		return err
	}
	imported := 0.0
	for _, sql := range []string{
		gridTable(),
		"INSERT INTO t SELECT * FROM read_csv('" + rows + "', header = false, all_varchar = true)",
	} {
		took, err := d.ask(sql)
		if err != nil {
			d.end()
			return err
		}
		imported += took
	}
	g.note("DuckDB has imported them in %.1f s", imported/1000)
	g.duck = d
	return nil
}

// gridTable declares the table to rivals.
func gridTable() string {
	columns := strings.Join(gridColumns, " TEXT, ") + " TEXT"
	columns = strings.Replace(columns, "_id TEXT", "_id INTEGER PRIMARY KEY", 1)
	for _, column := range []string{"quantity", "discount"} {
		columns = strings.Replace(columns, column+" TEXT", column+" INTEGER", 1)
	}
	return "CREATE TABLE t (" + strings.Replace(columns, "price TEXT", "price REAL", 1) + ")"
}

func writeGrid(session *files.Folder, text *csv.Writer) (blob string, index tablefile.Index, err error) {
	to, err := session.CreateTable()
	if err != nil {
		return "", index, err
	}
	columns := make([]xmltable.Column, len(gridColumns))
	for i, name := range gridColumns {
		columns[i].Name = name
	}
	w, r := tablefile.NewWriter(to, columns), rand.New(rand.NewPCG(1, 2))
	cells := make([][]byte, len(columns))
	for i := range gridRows {
		row := gridRow(r, i)
		for k, cell := range row {
			cells[k] = []byte(cell)
		}
		if err := errors.Join(w.Row(cells), text.Write(row)); err != nil {
			return "", index, err
		}
	}
	text.Flush()
	if index, err = w.Close(); err == nil {
		err = errors.Join(text.Error(), to.Commit(), session.SyncTables())
	}
	return to.Name(), index, err
}

var gridWords = []string{"river", "stone", "harbour", "winter", "market", "engine", "garden", "letter", "bridge", "silver"}

func gridRow(r *rand.Rand, i int) []string {
	word := func() string { return gridWords[r.IntN(len(gridWords))] }
	day := time.Unix(1_600_000_000+r.Int64N(1e8), 0).UTC()
	return []string{
		strconv.Itoa(i + 1), fmt.Sprintf("A-%07d", r.IntN(1e7)), fmt.Sprintf("%s %s %d", word(), word(), r.IntN(100_000)),
		[]string{"at", "ch", "de", "fr", "it"}[r.IntN(5)], day.Format(time.DateOnly), day.Format(time.RFC3339),
		strconv.Itoa(r.IntN(40)), fmt.Sprintf("%.2f", r.ExpFloat64()*80), strconv.FormatBool(r.IntN(3) > 0),
		strconv.Itoa(r.IntN(30)), "lot " + strconv.Itoa(r.IntN(100_000)), word() + " " + word() + " " + word() + ", " + word(),
	}
}

// prepareRival fills a database, if the shell is installed.
func (g *gridBench) prepareRival(folder, rows string) error {
	if _, err := exec.LookPath("sqlite3"); err != nil {
		return nil
	}
	g.database = filepath.Join(folder, "rival.db")
	return g.rival(gridTable() + ";\n.mode csv\n.import " + rows + " t\n")
}

// rival puts a question to the shell.
func (g *gridBench) rival(sql string) error {
	shell := exec.CommandContext(g.ctx, "sqlite3", "-batch", "-bail", g.database)
	shell.Stdin = strings.NewReader(sql)
	if answer, err := shell.CombinedOutput(); err != nil {
		return fmt.Errorf("sqlite3: %w: %.200s", err, answer)
	}
	return nil
}

// beside measures both, turn by turn, and reports the medians in milliseconds.
func (g *gridBench) beside(name string, own func(round int) error, rivalName, sql string) error {
	var ours, theirs []time.Duration
	var duck []float64
	for round := range gridRounds {
		begun := time.Now()
		if err := own(round); err != nil {
			return err
		}
		ours = append(ours, time.Since(begun))
		if g.duck != nil {
			took, err := g.duck.ask(strings.ReplaceAll(sql, " LIKE ", " ILIKE ")) // whatever the case, as for the others
			if err != nil {
				return err
			}
			duck = append(duck, took)
		}
		if g.database == "" {
			continue
		}
		begun = time.Now()
		if err := g.rival(sql); err != nil {
			return err
		}
		theirs = append(theirs, time.Since(begun))
	}
	r := result{Name: name, Value: milliseconds(median(ours)), Unit: "ms", Rival: "none", Allocs: -1}
	if len(theirs) > 0 {
		r.Rival, r.RivalValue = rivalName, milliseconds(median(theirs))
	}
	g.report(r)
	if len(duck) > 0 {
		slices.Sort(duck)
		r.Name, r.Rival, r.RivalValue = name+"_duckdb", "duckdb_imported", duck[len(duck)/2]
		g.report(r)
	}
	return nil
}

// page reads a page, through the views of a server that has just started or is given.
func (g *gridBench) page(views *tablefile.Views, q tablefile.Query, total int64) error {
	q.Limit = 100
	page, err := views.Page(g.ctx, g.shelf, "t", g.table, q)
	if err == nil && (len(page.Rows) != 100 || total >= 0 && page.Total != total) {
		err = fmt.Errorf("%d rows of %d", len(page.Rows), page.Total)
	}
	return err
}

func newGridViews() *tablefile.Views { return tablefile.NewViews(64 << 20) }

func (g *gridBench) sorts() error {
	first := func(int) error {
		g.shelf.Forget(g.shelf.blob)
		return g.page(newGridViews(), tablefile.Query{Offset: 500_000, Sorts: []string{"customer"}}, gridRows)
	}
	if err := g.beside("grid_sort_first", first, "sqlite_sort", "SELECT * FROM t ORDER BY customer LIMIT 100 OFFSET 500000;"); err != nil {
		return err
	}
	views := newGridViews()
	again := func(round int) error {
		return g.page(views, tablefile.Query{Offset: 700_000 + int64(round)*1000, Sorts: []string{"customer"}}, gridRows)
	}
	if err := again(-1); err != nil {
		return err
	}
	if g.database != "" {
		if err := g.rival("CREATE INDEX t_customer ON t (customer);"); err != nil {
			return err
		}
	}
	if err := g.beside("grid_sort_again", again, "sqlite_index", "SELECT * FROM t ORDER BY customer LIMIT 100 OFFSET 700000;"); err != nil {
		return err
	}
	shelved := func(round int) error { // memory has lost it
		return g.page(newGridViews(), tablefile.Query{Offset: 200_000 + int64(round)*1000, Sorts: []string{"customer"}}, gridRows)
	}
	if err := g.beside("grid_sort_shelved", shelved, "sqlite_index", "SELECT * FROM t ORDER BY customer LIMIT 100 OFFSET 200000;"); err != nil {
		return err
	}
	two := func(int) error {
		return g.page(newGridViews(), tablefile.Query{Offset: 500_000, Sorts: []string{"country", "-price"}}, gridRows)
	}
	return g.beside("grid_sort_two", two, "sqlite_sort", "SELECT * FROM t ORDER BY country, price DESC LIMIT 100 OFFSET 500000;")
}

func (g *gridBench) filters() error {
	for _, f := range []struct {
		name  string
		query tablefile.Query
		where string
	}{
		{"grid_filter_contains", tablefile.Query{Filters: []string{"note~river winter"}}, "note LIKE '%river winter%'"},
		{"grid_filter_any", tablefile.Query{Text: "harbour 77"}, "customer LIKE '%harbour 77%' OR note LIKE '%harbour 77%'"},
		{"grid_filter_range", tablefile.Query{Filters: []string{"price>=200", "placed<2021-01-01"}}, "price >= 200 AND placed < '2021-01-01'"},
		{"grid_filter_list", tablefile.Query{In: []string{`country:["at","ch"]`}}, "country IN ('at', 'ch')"},
	} {
		own := func(int) error {
			g.shelf.Forget(g.shelf.blob)
			return g.page(newGridViews(), f.query, -1)
		}
		sql := "SELECT count(*) FROM t WHERE " + f.where + "; SELECT * FROM t WHERE " + f.where + " LIMIT 100;"
		if err := g.beside(f.name, own, "sqlite_scan", sql); err != nil {
			return err
		}
	}
	return nil
}

// values counts those of a column, most of which are there once or twice.
func (g *gridBench) values() error {
	first := func(int) error {
		g.shelf.Forget(g.shelf.blob)
		_, err := newGridViews().Values(g.ctx, g.shelf, "t", g.table, tablefile.ValuesQuery{Column: "lot", ByCount: true, Limit: 1000})
		return err
	}
	if err := g.beside("grid_values_100k", first, "sqlite_group", "SELECT lot, count(*) FROM t GROUP BY lot ORDER BY 2 DESC, lot LIMIT 1000;"); err != nil {
		return err
	}
	views := newGridViews()
	again := func(round int) error {
		_, err := views.Values(g.ctx, g.shelf, "t", g.table, tablefile.ValuesQuery{Column: "lot", ByCount: true, Offset: 40_000 + round*1000, Limit: 1000})
		return err
	}
	if err := again(-1); err != nil {
		return err
	}
	return g.beside("grid_values_again", again, "sqlite_group", "SELECT lot, count(*) FROM t GROUP BY lot ORDER BY 2 DESC, lot LIMIT 1000 OFFSET 40000;")
}

// profiles asks the rival for less: no frequent values and no histogram.
func (g *gridBench) profiles() error {
	var asked []string
	for _, c := range gridColumns {
		asked = append(asked, fmt.Sprintf("count(%[1]s), count(DISTINCT %[1]s), min(%[1]s), max(%[1]s)", c))
	}
	own := func(int) error {
		_, err := g.table.Profile(g.ctx, tablefile.Query{})
		return err
	}
	return g.beside("grid_profile", own, "sqlite_aggregates", "SELECT "+strings.Join(asked, ", ")+" FROM t;")
}

// gridShelf is a session's shelf.
type gridShelf struct {
	*files.Shelf
	blob string
}

// Keep implements tablefile.Shelf.
func (s gridShelf) Keep(key string, write func(io.Writer) error) error {
	return s.Shelf.Keep(s.blob, key, write)
}

// Kept implements tablefile.Shelf.
func (s gridShelf) Kept(key string) (tablefile.Kept, error) {
	content, err := s.Shelf.Kept(s.blob, key)
	if content == nil || err != nil {
		return nil, err
	}
	return content, nil
}
