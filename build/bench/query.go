package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"ret/shared/query"
	"ret/shared/tablefile"
	"ret/shared/xmltable"
)

// askedRows and askedOrders are how long the tables are that statements are asked of: a
// row of the first belongs to one of the second.
const (
	askedRows   = 1_000_000
	askedOrders = 100_000
)

// askedColumns are the twelve of the longer table, with their types in the rivals.
var askedColumns = [][2]string{
	{"_parent", "INTEGER"},
	{"_pos", "INTEGER"},
	{"sku", "TEXT"},
	{"name", "TEXT"},
	{"country", "TEXT"},
	{"day", "TEXT"},
	{"quantity", "INTEGER"},
	{"amount", "REAL"},
	{"tax", "REAL"},
	{"note", "TEXT"},
	{"code", "TEXT"},
	{"status", "TEXT"},
}

// statements are what is asked, by name.
var statements = [][2]string{
	{"count", `SELECT count(*) FROM line WHERE amount > 500`},
	{"group", `SELECT country, count(*), sum(amount) FROM line GROUP BY country ORDER BY country`},
	{"join", `SELECT o.channel, count(*), sum(l.amount) FROM line l JOIN orders o ON o._id = l._parent GROUP BY o.channel ORDER BY 1`},
	{"top", `SELECT sku, amount FROM line ORDER BY amount DESC, sku LIMIT 10`},
}

// benchQuery measures statements over stored tables beside SQLite's own shell and DuckDB
// over imported ones.
func benchQuery(ctx context.Context, b *bench) error {
	folder, remove, err := workFolder()
	if err != nil {
		return err
	}
	defer remove()
	asked, err := makeAsked(ctx, folder)
	if err != nil {
		return err
	}
	b.note("%d rows by %d columns, %d MB of CSV; the kinds of the columns are known", askedRows, len(askedColumns), asked[0].index.Bytes>>20)
	shell, imported, err := importedBySQLite(ctx, folder)
	if err != nil {
		b.note("sqlite3: %v", err)
	} else {
		b.note("sqlite3 has imported them in %.1f s", imported.Seconds())
	}
	duck, err := duckTimes(ctx, b, folder)
	if err != nil {
		b.note("DuckDB for Node: %v", err)
	}
	for _, s := range statements {
		took, answer, err := asked.time(ctx, s[1])
		if err != nil {
			return fmt.Errorf("%s: %w", s[0], err)
		}
		beside := result{Name: "query_" + s[0], Value: took, Unit: "ms", Rival: "none", Allocs: -1}
		if shell != nil {
			theirs, theirAnswer, err := shell(s[1])
			if err != nil {
				return err
			}
			if theirAnswer != answer {
				return fmt.Errorf("%s: the answer is %.200q, sqlite3's %.200q", s[0], answer, theirAnswer)
			}
			beside.Rival, beside.RivalValue = "sqlite3_imported", theirs
		}
		b.report(beside)
		beside.Rival, beside.RivalValue = "none", 0
		if theirs, ok := duck[s[0]]; ok {
			beside.Rival, beside.RivalValue = "duckdb_imported", theirs
		}
		beside.Name += "_duckdb"
		b.report(beside)
	}
	return nil
}

// askedTables are tables in files, as they are stored. It implements query.Tables.
type askedTables []askedTable

type askedTable struct {
	name    string
	columns []xmltable.Column
	file    *os.File
	index   tablefile.Index
	table   *query.Table
}

// List implements query.Tables.
func (a askedTables) List(context.Context) (list []query.Listed, err error) {
	for i, t := range a {
		list = append(list, query.Listed{ID: strconv.Itoa(i), Name: t.name})
	}
	return list, nil
}

// Open implements query.Tables.
func (a askedTables) Open(_ context.Context, id string) (*query.Table, error) {
	i, err := strconv.Atoi(id)
	return a[i].table, err
}

// askedTimes is how often a statement is asked; the median counts.
const askedTimes = 5

// time asks a statement and gives the median of the times, in milliseconds, and the answer.
func (a askedTables) time(ctx context.Context, sql string) (took float64, answer string, err error) {
	var times []float64
	for range askedTimes {
		began := time.Now()
		r, err := query.Run(ctx, a, sql, query.Limits{Rows: -1, Time: time.Hour})
		if err != nil {
			return 0, "", err
		}
		times = append(times, float64(time.Since(began).Microseconds())/1000)
		answer = asText(r.Rows)
	}
	slices.Sort(times)
	return times[len(times)/2], answer, nil
}

// asText writes rows so that they compare with those of other programs, which add up
// numbers in other orders.
func asText(rows [][]any) string {
	var b strings.Builder
	for _, row := range rows {
		for i, v := range row {
			if i > 0 {
				b.WriteByte('|')
			}
			if f, ok := v.(float64); ok {
				fmt.Fprintf(&b, "%.2f", f)
				continue
			}
			fmt.Fprint(&b, v)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// makeAsked writes both tables, stored and as CSV, whose bytes are the same.
func makeAsked(ctx context.Context, folder string) (askedTables, error) {
	line := make([]xmltable.Column, len(askedColumns))
	for i, c := range askedColumns {
		line[i] = xmltable.Column{Name: c[0], Kind: xmltable.Text}
	}
	line[0].Kind, line[1].Kind = xmltable.Parent, xmltable.Position
	order := []xmltable.Column{{Name: "_id", Kind: xmltable.ID}, {Name: "channel", Kind: xmltable.Text}}
	lines, err := writeAsked(ctx, folder, "line", line, askedRows, lineCells)
	if err != nil {
		return nil, err
	}
	orders, err := writeAsked(ctx, folder, "orders", order, askedOrders, func(_ *rand.Rand, i int, cells [][]byte) {
		cells[0], cells[1] = strconv.AppendInt(cells[0][:0], int64(i+1), 10), append(cells[1][:0], []string{"web", "shop", "phone"}[i%3]...)
	})
	return askedTables{lines, orders}, err
}

// lineCells makes a row of the longer table.
func lineCells(r *rand.Rand, i int, cells [][]byte) {
	n := func(k int, v int64) { cells[k] = strconv.AppendInt(cells[k][:0], v, 10) }
	s := func(k int, format string, args ...any) { cells[k] = fmt.Appendf(cells[k][:0], format, args...) }
	n(0, int64(i/(askedRows/askedOrders))+1)
	n(1, int64(i%(askedRows/askedOrders))+1)
	s(2, "SKU-%06d", r.IntN(50_000))
	s(3, "Article number %d", r.IntN(50_000))
	s(4, "%c%c", 'A'+r.IntN(5), 'A'+r.IntN(8))
	s(5, "20%02d-%02d-%02d", 20+r.IntN(7), 1+r.IntN(12), 1+r.IntN(28))
	n(6, r.Int64N(100))
	s(7, "%d.%02d", r.IntN(1000), r.IntN(100))
	s(8, "%d.%d", r.IntN(100), r.IntN(10))
	s(9, "a note of some length, which is %d", r.IntN(1000))
	s(10, "%08x", r.Uint32())
	s(11, "%s", []string{"open", "paid", "sent", "returned"}[r.IntN(4)])
}

func writeAsked(ctx context.Context, folder, name string, columns []xmltable.Column, rows int, fill func(*rand.Rand, int, [][]byte)) (t askedTable, err error) {
	t = askedTable{name: name, columns: columns}
	if t.file, err = os.Create(filepath.Join(folder, name+".csv")); err != nil {
		return t, err
	}
	w, r, cells := tablefile.NewWriter(t.file, columns), rand.New(rand.NewPCG(1, 2)), make([][]byte, len(columns))
	for i := range rows {
		fill(r, i, cells)
		if err := w.Row(cells); err != nil {
			return t, err
		}
	}
	if t.index, err = w.Close(); err != nil {
		return t, err
	}
	stored, err := tablefile.Open(t.file, t.index)
	if err != nil {
		return t, err
	}
	kinds, err := stored.Kinds(ctx)
	t.table = &query.Table{Source: name, Columns: columns, Kinds: kinds, Rows: stored, Close: func() error { return nil }}
	return t, err
}

// declared is the CREATE TABLE of a table in the rivals.
func declared() string {
	var columns []string
	for _, c := range askedColumns {
		columns = append(columns, c[0]+" "+c[1])
	}
	return "CREATE TABLE line (" + strings.Join(columns, ", ") + "); CREATE TABLE orders (_id INTEGER PRIMARY KEY, channel TEXT);"
}

// importedBySQLite imports both tables with SQLite's shell, and gives what asks it: the
// median time with the start of the program taken off, in milliseconds, and the answer.
func importedBySQLite(ctx context.Context, folder string) (ask func(sql string) (float64, string, error), took time.Duration, err error) {
	program, err := exec.LookPath("sqlite3")
	if err != nil {
		return nil, 0, errors.New("it is not installed")
	}
	shell := func(input string) (string, time.Duration, error) {
		cmd := exec.CommandContext(ctx, program, "-batch", "asked.db")
		cmd.Dir, cmd.Stdin = folder, strings.NewReader(input)
		var wrong bytes.Buffer
		cmd.Stderr = &wrong
		began := time.Now()
		out, err := cmd.Output()
		if err != nil {
			err = fmt.Errorf("sqlite3: %w: %s", err, wrong.String())
		}
		return string(out), time.Since(began), err
	}
	if _, took, err = shell("PRAGMA journal_mode=off; PRAGMA synchronous=off;\n" + declared() + "\n.mode csv\n.import --skip 1 line.csv line\n.import --skip 1 orders.csv orders\n"); err != nil {
		return nil, 0, err
	}
	return func(sql string) (float64, string, error) {
		var times []float64
		var answer string
		for range askedTimes {
			_, start, err := shell("SELECT 1;")
			if err != nil {
				return 0, "", err
			}
			out, all, err := shell(".mode json\n" + sql + ";")
			if err != nil {
				return 0, "", err
			}
			times = append(times, float64((all-start).Microseconds())/1000)
			if answer, err = textOfJSON(out); err != nil {
				return 0, "", err
			}
		}
		slices.Sort(times)
		return max(times[len(times)/2], 0.001), answer, nil
	}, took, nil
}

// textOfJSON is asText of what SQLite's shell prints as JSON.
func textOfJSON(out string) (string, error) {
	d := json.NewDecoder(strings.NewReader(out))
	d.UseNumber()
	var rows [][]any
	depth := 0
	for i := 0; d.More() || depth > 0; {
		token, err := d.Token()
		if err != nil {
			return "", err
		}
		switch v := token.(type) {
		case json.Delim:
			if v == '{' {
				rows, i = append(rows, nil), 0
			}
			depth += map[json.Delim]int{'[': 1, '{': 1, ']': -1, '}': -1}[v]
			continue
		case json.Number:
			if strings.Contains(v.String(), ".") {
				f, _ := v.Float64()
				token = f
			}
		}
		if i++; i%2 == 0 { // the others are names
			rows[len(rows)-1] = append(rows[len(rows)-1], token)
		}
	}
	return asText(rows), nil
}
