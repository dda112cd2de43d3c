package index_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"ret/server/files"
	"ret/server/index"
	"ret/server/keys"
	"ret/shared/profile"
	"ret/shared/search"
	"ret/shared/tablefile"
	"ret/shared/workspace"
	"ret/shared/xmltable"
)

// session is one with tables of which a test knows the rows.
type session struct {
	testing.TB
	root      string
	folder    *files.Folder
	workspace *workspace.Workspace
	index     *index.Index
	run       workspace.Run
	documents int
}

func newSession(t testing.TB) *session {
	t.Helper()
	root := t.TempDir()
	master, err := keys.Open(root+".key", true)
	must(t, err)
	store, err := files.OpenStore(root, master, slog.New(slog.DiscardHandler))
	must(t, err)
	s := &session{TB: t, root: root}
	s.folder, err = store.Open("s")
	must(t, err)
	path, cfg, err := s.folder.Database()
	must(t, err)
	s.workspace, err = workspace.Open(path, workspace.Options{SQLite: cfg})
	must(t, err)
	t.Cleanup(func() {
		_ = s.workspace.Close()
		_ = s.folder.Close()
		_ = store.Close()
	})
	job, _, err := s.workspace.Submit(t.Context(), workspace.NewJob{Kind: "convert"})
	must(t, err)
	s.run, err = s.workspace.Start(t.Context(), job.ID, time.Hour)
	must(t, err)
	s.index = index.New(s.workspace, s.folder)
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// add stores a table; row gives its cells, of which nil ones are absent.
func (s *session) add(columns []string, rows int, row func(n int) [][]byte) *workspace.Table {
	s.Helper()
	blob, err := s.folder.CreateTable()
	must(s, err)
	table := &workspace.Table{Name: "t", Source: "x.xml", Rows: int64(rows), Blob: blob.Name()}
	for _, name := range columns {
		table.Columns = append(table.Columns, xmltable.Column{Name: name})
	}
	w := tablefile.NewWriter(blob, table.Columns)
	for n := range rows {
		must(s, w.Row(row(n)))
	}
	at, err := w.Close()
	must(s, err)
	must(s, blob.Commit())
	table.Bytes = at.Bytes
	table.RowIndex, err = at.MarshalBinary()
	must(s, err)
	s.documents++
	must(s, s.workspace.AddFinished(s.Context(), s.run, []workspace.Finished{{
		Document: workspace.Document{Path: fmt.Sprint(s.documents), Status: workspace.StatusConverted}, Tables: []*workspace.Table{table},
	}}, 0))
	s.folder.Recorded(blob.Name())
	return table
}

func (s *session) remove(t *workspace.Table) {
	s.Helper()
	blobs, err := s.workspace.DeleteTable(s.Context(), t.ID)
	must(s, err)
	must(s, s.folder.Remove(blobs...))
}

func (s *session) update() {
	s.Helper()
	must(s, s.index.Update(s.Context(), s.work()))
}

func (s *session) work() index.Work {
	return index.Work{
		Open: func(_ context.Context, blob string, size int64) (index.Content, error) {
			return s.folder.OpenWhole(blob, size)
		},
		Rest:    func(ctx context.Context) error { return ctx.Err() },
		Outside: func(_ context.Context, do func() error) error { return do() },
		Report:  func(int64, int64) {},
	}
}

func parse(t testing.TB, text string) search.Query {
	t.Helper()
	q, err := search.Parse(text, false)
	must(t, err)
	return q
}

// all gives all hits of a question, in their order.
func (s *session) all(x *index.Index, text string) (hits []search.Hit, indexed bool) {
	s.Helper()
	q := search.Question{Query: parse(s, text), Limit: 300}
	for {
		a, err := x.Find(s.Context(), q)
		must(s, err)
		if a.Cut {
			s.Fatal("not all was looked through")
		}
		hits, indexed = append(hits, a.Hits...), a.Indexed
		if q.After = a.Next; a.Next == "" {
			return hits, indexed
		}
	}
}

var words = []string{"a", "ab", "abc", "Müller", "mu\u0308ller", "Zauberberg", "berg", "12", "123", "4711", "東京", "Straße", "x-y", "no", "Ёлка"}

func randomText(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(4) {
		b.WriteString(words[r.IntN(len(words))])
		b.WriteString([]string{" ", "-", ", ", ""}[r.IntN(4)])
	}
	return b.String()
}

func randomQuestion(r *rand.Rand) string {
	var b strings.Builder
	for i := range 1 + r.IntN(3) {
		if i > 0 {
			b.WriteString([]string{" ", " or "}[r.IntN(2)])
		}
		w, other := words[r.IntN(len(words))], words[r.IntN(len(words))]
		part := []rune(other)
		part = part[r.IntN(len(part)):]
		b.WriteString([]string{"", "", "", "-"}[r.IntN(4)] + []string{"", "", "", "a:", "none:"}[r.IntN(5)])
		b.WriteString([]string{w, w + "*", `"` + w + " " + other + `"`, "*" + string(part) + "*", `*"` + w + " " + string(part) + `"*`, w + "-" + other}[r.IntN(6)])
	}
	return b.String()
}

// TestIndexFindsWhatAScanFinds asks random questions of random tables, of which some are
// not in the index yet and some are gone again, with the index and without.
func TestIndexFindsWhatAScanFinds(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	s := newSession(t)
	var tables []*workspace.Table
	found := 0
	for round := range 10 {
		for range 1 + r.IntN(3) {
			columns := []string{"a", "b", "c"}[:1+r.IntN(3)]
			tables = append(tables, s.add(columns, r.IntN(400), func(int) [][]byte {
				cells := make([][]byte, len(columns))
				for i := range cells {
					if r.IntN(5) > 0 {
						cells[i] = []byte(randomText(r))
					}
				}
				return cells
			}))
		}
		if round%3 != 2 {
			s.update()
		}
		if gone := r.IntN(len(tables)); round%4 == 3 {
			s.remove(tables[gone])
			tables = append(tables[:gone], tables[gone+1:]...)
		}
		for range 20 {
			text := randomQuestion(r)
			got, _ := s.all(s.index, text)
			want, _ := s.all(index.New(s.workspace, s.folder), text)
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("round %d: %s finds %d with the index, and %d without", round, text, len(got), len(want))
			}
			found += len(want)
		}
	}
	if found < 5_000 {
		t.Errorf("only %d rows were found: the test says little", found)
	}
}

// TestIndexOfLargeTable has a table of more rows than one chunk, with rare and frequent words.
func TestIndexOfLargeTable(t *testing.T) {
	s := newSession(t)
	s.add([]string{"n", "text"}, 70_000, func(n int) [][]byte {
		return [][]byte{fmt.Append(nil, n), fmt.Appendf(nil, "word%d and group%d", n%977, n%3)}
	})
	s.update()
	for question, want := range map[string]int{"69999": 1, "word976": 71, "group1 word5": 24, "*99 and group2": 0, `"word12 and"`: 72, "n:9": 1, "*6999*": 0} {
		got, indexed := s.all(s.index, question)
		if scan, _ := s.all(index.New(s.workspace, s.folder), question); !reflect.DeepEqual(got, scan) {
			t.Errorf("%s finds %d with the index, and %d without", question, len(got), len(scan))
		}
		if !indexed || want > 0 && len(got) != want {
			t.Errorf("%s finds %d rows, not %d; all is in the index: %v", question, len(got), want, indexed)
		}
	}
}

// TestProfileIsLearntOnTheWay looks for the profile where a table's page looks for it.
func TestProfileIsLearntOnTheWay(t *testing.T) {
	s := newSession(t)
	table := s.add([]string{"n"}, 500, func(n int) [][]byte { return [][]byte{fmt.Append(nil, n)} })
	s.update()
	var at tablefile.Index
	must(t, at.UnmarshalBinary(table.RowIndex))
	broken, err := tablefile.Open(strings.NewReader("n\n"), at) // whoever reads its rows fails
	must(t, err)
	p, err := tablefile.NewViews(1<<20).Profile(t.Context(), index.TableShelf(s.folder, table.Blob), index.ViewName(table.ID, table.Blob), broken, tablefile.Query{})
	must(t, err)
	if p.Rows != 500 || p.Columns[0].Name != "n" || p.Columns[0].Kind != profile.Integer || *p.Columns[0].Max != "499" {
		t.Errorf("the profile on the shelf is %+v", p)
	}
}

// TestProfilesOfLargeTablesComeFirst looks for a large table's profile when the index has
// only begun to be made: who opens the table then finds it.
func TestProfilesOfLargeTablesComeFirst(t *testing.T) {
	s := newSession(t)
	table := s.add([]string{"n", "text"}, 100_000, func(n int) [][]byte {
		return [][]byte{fmt.Append(nil, n), fmt.Appendf(nil, "what the row %d says, which is long enough to be much", n)}
	})
	shelf, name := index.TableShelf(s.folder, table.Blob), index.ViewName(table.ID, table.Blob)
	work, there, begun := s.work(), false, false
	work.Report = func(int64, int64) {
		if !begun {
			begun, there = true, tablefile.ProfileKept(shelf, name)
		}
	}
	must(t, s.index.Update(t.Context(), work))
	if !begun || !there {
		t.Errorf("the index has been begun: %v; the profile was there: %v", begun, there)
	}
	var at tablefile.Index
	must(t, at.UnmarshalBinary(table.RowIndex))
	broken, err := tablefile.Open(strings.NewReader("n,text\n"), at) // whoever reads its rows fails
	must(t, err)
	p, err := tablefile.NewViews(1<<20).Profile(t.Context(), shelf, name, broken, tablefile.Query{})
	must(t, err)
	if p.Rows != 100_000 || p.Columns[1].Name != "text" || p.Columns[1].Distinct < 95_000 {
		t.Errorf("the profile on the shelf is of %d rows: %+v", p.Rows, p.Columns[1])
	}
}

// TestAProfileIsLearntOnce has a second job begin while the first gives way in the midst of
// learning a table.
func TestAProfileIsLearntOnce(t *testing.T) {
	s := newSession(t)
	s.add([]string{"n"}, 100_000, func(n int) [][]byte { return [][]byte{fmt.Appendf(nil, "%060d", n)} })
	opened := 0
	second := s.work()
	open := second.Open
	second.Open = func(ctx context.Context, blob string, size int64) (index.Content, error) {
		opened++
		return open(ctx, blob, size)
	}
	first := s.work()
	first.Rest = func(ctx context.Context) error {
		if opened > 0 {
			return nil
		}
		return s.index.Update(ctx, second)
	}
	must(t, s.index.Update(t.Context(), first))
	if opened != 1 {
		t.Errorf("the second job has opened the table %d times, not once to index it", opened)
	}
}

// TestIndexThatCannotBeRead loses what is on the disk of an index: questions are answered by
// looking through all rows, and the index is made anew.
func TestIndexThatCannotBeRead(t *testing.T) {
	s := newSession(t)
	s.add([]string{"n"}, 500, func(n int) [][]byte { return [][]byte{fmt.Appendf(nil, "number%d", n)} })
	s.update()
	names, err := filepath.Glob(filepath.Join(s.root, "sessions", "*", "index", "*"))
	must(t, err)
	if len(names) < 2 {
		t.Fatalf("in index/ there are %d files", len(names))
	}
	for _, name := range names {
		must(t, os.Remove(name))
	}
	if hits, _ := s.all(s.index, "number499"); len(hits) != 1 {
		t.Errorf("%d hits", len(hits))
	}
	if behind, err := s.index.Behind(t.Context()); err != nil || behind == 0 {
		t.Errorf("it is not to be made anew: %v", err)
	}
	s.update()
	if hits, indexed := s.all(s.index, "number499"); len(hits) != 1 || !indexed {
		t.Errorf("%d hits, in the index: %v", len(hits), indexed)
	}
}

// TestSmallSegmentsAreMadeOne adds table after table: few files are left, and none when the
// tables are gone.
func TestSmallSegmentsAreMadeOne(t *testing.T) {
	s := newSession(t)
	var tables []*workspace.Table
	for i := range 30 {
		tables = append(tables, s.add([]string{"n"}, 1, func(int) [][]byte { return [][]byte{fmt.Appendf(nil, "number%d", i)} }))
		s.update()
		if hits, indexed := s.all(s.index, fmt.Sprint("number", i)); len(hits) != 1 || !indexed {
			t.Fatalf("table %d: %d hits, in the index: %v", i, len(hits), indexed)
		}
	}
	if bytes := s.folder.IndexShelf().Bytes(); bytes > 20<<10 {
		t.Errorf("the index of 30 rows takes %d bytes", bytes)
	}
	for _, table := range tables {
		s.remove(table)
	}
	if hits, _ := s.all(s.index, "number*"); len(hits) != 0 {
		t.Errorf("%d hits in tables that are gone", len(hits))
	}
	if bytes := s.folder.IndexShelf().Bytes(); bytes != 0 {
		t.Errorf("the index of nothing takes %d bytes", bytes)
	}
}

// TestQuestionsWhileTheIndexIsMade asks while tables come, are indexed, and go: what stays all
// the time is found each time.
func TestQuestionsWhileTheIndexIsMade(t *testing.T) {
	s := newSession(t)
	s.add([]string{"n"}, 300, func(n int) [][]byte { return [][]byte{fmt.Appendf(nil, "stays%d", n)} })
	done := make(chan error, 1)
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			if err := s.index.Update(context.Background(), s.work()); err != nil {
				done <- err
				return
			}
		}
	}()
	for i := range 30 {
		table := s.add([]string{"n"}, 40, func(n int) [][]byte { return [][]byte{fmt.Appendf(nil, "goes%d", n)} })
		if hits, _ := s.all(s.index, "stays299 or goes39"); len(hits) != 2 {
			t.Errorf("round %d: %d hits", i, len(hits))
		}
		s.remove(table)
		if hits, _ := s.all(s.index, "stays7 or goes7"); len(hits) != 1 {
			t.Errorf("round %d: %d hits in tables that are there", i, len(hits))
		}
	}
	close(stop)
	must(t, <-done)
}
