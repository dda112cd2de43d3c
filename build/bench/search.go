package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"ret/server/files"
	"ret/server/index"
	"ret/server/keys"
	"ret/shared/search"
	"ret/shared/tablefile"
	"ret/shared/workspace"
	"ret/shared/xmltable"
)

// searchRows is how many rows are searched, of 12 columns.
const searchRows = 1_000_000

// benchSearch measures search: making the index, questions of each kind over a million rows,
// beside SQLite's shell with FTS5 and ripgrep over the same CSV, and what others notice
// while an index is being made.
func benchSearch(ctx context.Context, b *bench) error {
	folder, err := os.MkdirTemp("", "ret-bench-search")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	s := searchBench{bench: b, ctx: ctx, folder: folder, csv: filepath.Join(folder, "rows.csv"), words: searchWords()}
	if err := s.open(); err != nil {
		return err
	}
	defer s.close()
	if err := s.fill(); err != nil {
		return err
	}
	rivals, err := s.startRivals()
	if err != nil {
		return err
	}
	if err := s.making(rivals); err != nil {
		return err
	}
	if err := s.questions(rivals); err != nil {
		return err
	}
	return s.disturbance()
}

type searchBench struct {
	*bench
	ctx    context.Context
	folder string
	csv    string // the table's rows
	words  []string

	store     *files.Store
	session   *files.Folder
	workspace *workspace.Workspace
	index     *index.Index
	bytes     int64 // of the table
}

// searchWords are made up; the first are frequent.
func searchWords() []string {
	r := rand.New(rand.NewPCG(1, 2))
	list := make([]string, 30_000)
	for i := range list {
		b := make([]byte, 3+r.IntN(8))
		for k := range b {
			if k%2 == 0 {
				b[k] = "bcdfghklmnprstvw"[r.IntN(16)]
			} else {
				b[k] = "aeiou"[r.IntN(5)]
			}
		}
		list[i] = string(b)
	}
	return list
}

func (s *searchBench) word(r *rand.Rand) string {
	return s.words[int(float64(len(s.words))*r.Float64()*r.Float64()*r.Float64())]
}

var searchColumns = []string{"id", "order_number", "name", "city", "country", "day", "amount", "quantity", "mail", "remark", "state", "code"}

func (s *searchBench) row(r *rand.Rand, n int) [][]byte {
	w := func() string { return s.word(r) }
	return [][]byte{
		fmt.Append(nil, n+1), fmt.Appendf(nil, "ORD-%08d", r.IntN(1e8)), fmt.Append(nil, w()+" "+w()), []byte(w()),
		[]byte([]string{"at", "de", "ch", "fr", "it"}[r.IntN(5)]), fmt.Appendf(nil, "20%02d-%02d-%02d", r.IntN(26), 1+r.IntN(12), 1+r.IntN(28)),
		fmt.Appendf(nil, "%d.%02d", r.IntN(10000), r.IntN(100)), fmt.Append(nil, r.IntN(100)), []byte(w() + "@" + w() + ".com"),
		[]byte(w() + " " + w() + " " + w() + " " + w() + " " + w()), []byte([]string{"open", "shipped", "paid", "returned"}[r.IntN(4)]), fmt.Appendf(nil, "%08x", r.Uint32()),
	}
}

// open makes a session as the server has them.
func (s *searchBench) open() (err error) {
	root := filepath.Join(s.folder, "runtime")
	if err := os.Mkdir(root, 0o700); err != nil {
		return err
	}
	master, err := keys.Open(root+".key", true)
	if err == nil {
		s.store, err = files.OpenStore(root, master, slog.New(slog.DiscardHandler))
	}
	if err == nil {
		s.session, err = s.store.Open("bench")
	}
	if err != nil {
		return err
	}
	path, cfg, err := s.session.Database()
	if err == nil {
		s.workspace, err = workspace.Open(path, workspace.Options{SQLite: cfg})
	}
	s.index = index.New(s.workspace, s.session)
	return err
}

func (s *searchBench) close() {
	if err := errors.Join(s.workspace.Close(), s.session.Close(), s.store.Close()); err != nil {
		fmt.Fprintln(os.Stderr, "close what was searched:", err)
	}
}

// fill stores the table, and its rows as CSV for the rivals.
func (s *searchBench) fill() error {
	plain, err := os.Create(s.csv)
	if err != nil {
		return err
	}
	defer plain.Close()
	blob, err := s.session.CreateTable()
	if err != nil {
		return err
	}
	table := &workspace.Table{Name: "orders", Source: "orders.xml", Rows: searchRows, Blob: blob.Name()}
	for _, name := range searchColumns {
		table.Columns = append(table.Columns, xmltable.Column{Name: name})
	}
	w, r := tablefile.NewWriter(io.MultiWriter(blob, plain), table.Columns), rand.New(rand.NewPCG(3, 4))
	for n := range searchRows {
		if err := w.Row(s.row(r, n)); err != nil {
			return err
		}
	}
	at, err := w.Close()
	if err == nil {
		err = blob.Commit()
	}
	if err != nil {
		return err
	}
	s.bytes, table.Bytes = at.Bytes, at.Bytes
	if table.RowIndex, err = at.MarshalBinary(); err != nil {
		return err
	}
	job, _, err := s.workspace.Submit(s.ctx, workspace.NewJob{Kind: "convert"})
	if err != nil {
		return err
	}
	run, err := s.workspace.Start(s.ctx, job.ID, time.Hour)
	if err != nil {
		return err
	}
	return s.workspace.AddFinished(s.ctx, run, []workspace.Finished{{
		Document: workspace.Document{Path: "orders.xml", Status: workspace.StatusConverted}, Tables: []*workspace.Table{table},
	}}, 0)
}

// making measures how fast the index is made on one core, with the profiles, and how large it is.
func (s *searchBench) making(rivals *searchRivals) error {
	cores := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(cores)
	began := time.Now()
	err := s.index.Update(s.ctx, index.Work{
		Open: func(_ context.Context, blob string, size int64) (index.Content, error) {
			return s.session.OpenWhole(blob, size)
		},
		Rest:    func(ctx context.Context) error { return ctx.Err() },
		Outside: func(_ context.Context, do func() error) error { return do() },
		Report:  func(int64, int64) {},
	})
	if err != nil {
		return err
	}
	speed := result{Name: "search_index_rows", Value: searchRows / time.Since(began).Seconds(), Unit: "rows/s", Rival: "none", Allocs: -1}
	size := result{Name: "search_index_size", Value: float64(s.session.IndexShelf().Bytes()) / float64(s.bytes), Unit: "of_text", Rival: "none", Allocs: -1}
	if rivals.sqlite != "" {
		speed.Rival, speed.RivalValue = "sqlite_fts5", searchRows/rivals.made.Seconds()
		size.Rival, size.RivalValue = "sqlite_fts5", float64(rivals.size)/float64(s.bytes)
	}
	s.report(speed)
	s.report(size)
	return nil
}

// searchAsked is how many questions of each kind are asked.
const searchAsked = 200

// searchKind is a kind of question, also as rivals understand it; "" where one cannot.
type searchKind struct {
	name          string
	ask           func() string
	fts5, ripgrep func(question string) string
}

func (s *searchBench) kinds() []searchKind {
	r := rand.New(rand.NewPCG(5, 6))
	w := func() string { return s.word(r) }
	same := func(q string) string { return q }
	bare := func(q string) string { return q[1 : len(q)-1] }
	return []searchKind{
		{"word", w, same, func(q string) string { return `\b` + q + `\b` }},
		{"number", func() string { return fmt.Sprint(1 + r.IntN(searchRows)) }, same, func(q string) string { return `\b` + q + `\b` }},
		{"prefix", func() string { return w()[:3] + "*" }, same, func(q string) string { return `\b` + q[:3] }},
		{"phrase", func() string { return `"` + w() + " " + w() + `"` }, same, bare},
		{"substring_3", func() string { return "*" + w()[:3] + "*" }, nil, bare},
		{"substring_6", func() string { return fmt.Sprintf("*%06d*", r.IntN(1e6)) }, nil, bare},
		{"column", func() string { return "city:" + w() }, same, nil},
		{"two_words", func() string { return w() + " " + w() }, same, nil},
	}
}

// questions measures how long questions of each kind take.
func (s *searchBench) questions(rivals *searchRivals) error {
	for _, kind := range s.kinds() {
		var took []time.Duration
		var asked []string
		for range searchAsked {
			text := kind.ask()
			q, err := search.Parse(text, false)
			if err != nil {
				return err
			}
			began := time.Now()
			if _, err := s.index.Find(s.ctx, search.Question{Query: q, Limit: 100}); err != nil {
				return err
			}
			took, asked = append(took, time.Since(began)), append(asked, text)
		}
		p50, p95 := result{Name: "search_" + kind.name + "_p50", Unit: "ms", Rival: "none", Allocs: -1}, result{Name: "search_" + kind.name + "_p95", Unit: "ms", Rival: "none", Allocs: -1}
		p50.Value, p95.Value = percentiles(took)
		rival, times, err := rivals.ask(kind, asked)
		if err != nil {
			return err
		}
		if rival != "" {
			p50.Rival, p95.Rival = rival, rival
			p50.RivalValue, p95.RivalValue = percentiles(times)
		}
		s.report(p50)
		s.report(p95)
	}
	return nil
}

// percentiles are the median and the 95th, in milliseconds.
func percentiles(took []time.Duration) (p50, p95 float64) {
	slices.Sort(took)
	return took[len(took)/2].Seconds() * 1000, took[len(took)*95/100].Seconds() * 1000
}
