package engine_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ret/shared/fault"
	"ret/shared/profile"
	"ret/shared/query"
	"ret/shared/replica"
	"ret/shared/tablefile"
	"ret/shared/workspace"
	"ret/wasm/engine"
	"ret/web/page"
	"ret/web/view"
)

// rowBudget is what an engine of these tests may keep.
const rowBudget = 1 << 20

var (
	facts = view.Facts{
		Offline: true, // as the server says once a replica has said hello

		Name: "ada <&>", Admin: true, ExpiresAt: now.Add(time.Hour), FileBytes: 1 << 30,
		Assets: page.Assets{Stylesheet: "/assets/a.css", Theme: "/assets/t.js", Script: "/assets/m.js", Icon: "/assets/i.svg"},
	}
	now = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC) // later than what greetings say
)

// pages are what the engine of a test draws with: the session is its server.
func (w *worker) pages(s *session) engine.Pages {
	return engine.Pages{
		Fetch: s.fetch, Drawn: func(d engine.Drawn) { w.drawn <- d },
		Rows: replica.NewRows(w.replica, rowBudget), Now: func() time.Time { return now.Add(time.Duration(s.ahead.Load())) },
	}
}

// fetch answers in the background, as the browser does.
func (s *session) fetch(_, path string, then func(int, []byte)) {
	s.fetched.Add(1)
	go func() {
		answer, err := s.answer(path)
		status := 200
		switch fault.KindOf(err) {
		case fault.NotFound:
			status = 404
		case fault.Invalid:
			status = 400
		}
		if s.away.Load() {
			status, answer = 0, nil
		}
		body, _ := json.Marshal(answer)
		then(status, body)
	}()
}

func (s *session) answer(path string) (any, error) {
	at, err := url.Parse(path)
	if err != nil {
		return nil, err
	}
	id, isRows := strings.CutPrefix(at.Path, "/api/v1/tables/")
	if !isRows {
		said := facts
		said.SaidAt = now
		return said, nil
	}
	t, err := s.Table(context.Background(), strings.TrimSuffix(id, "/rows"))
	if err != nil {
		return nil, err
	}
	v := at.Query()
	q := tablefile.ParseView(v)
	q.Offset, _ = strconv.ParseInt(v.Get("offset"), 10, 64)
	q.Limit, _ = strconv.Atoi(v.Get("limit"))
	return storedRows(context.Background(), t, q)
}

// storedRows reads rows as a server does that has them in a file.
func storedRows(ctx context.Context, t *workspace.Table, q tablefile.Query) (tablefile.Page, error) {
	made, err := storedTable(t)
	if err != nil {
		return tablefile.Page{}, err
	}
	return made.Page(ctx, q)
}

// storedProfile reads what is in the columns of these.
func storedProfile(ctx context.Context, t *workspace.Table, q tablefile.Query) (profile.Profile, error) {
	made, err := storedTable(t)
	if err != nil {
		return profile.Profile{}, err
	}
	return made.Profile(ctx, q)
}

func storedTable(t *workspace.Table) (*tablefile.Table, error) {
	if known, ok := stored.Load(t.ID); ok {
		return known.(*tablefile.Table), nil
	}
	made, err := store(t)
	if err == nil {
		stored.Store(t.ID, made)
	}
	return made, err
}

// stored are the tables that were read, by their ids.
var stored sync.Map

func store(t *workspace.Table) (*tablefile.Table, error) {
	var content bytes.Buffer
	w := tablefile.NewWriter(&content, t.Columns)
	for i := range t.Rows {
		cells := make([][]byte, len(t.Columns))
		for k := range cells {
			if (i+int64(k))%4 != 3 {
				cells[k] = fmt.Append(nil, (i*37+int64(k))%90, " <b>")[:(i+2)%6]
			}
		}
		if err := w.Row(cells); err != nil {
			return nil, err
		}
	}
	index, err := w.Close()
	if err != nil {
		return nil, err
	}
	return tablefile.Open(bytes.NewReader(content.Bytes()), index)
}

// draw is a page as the server draws it.
func (s *session) draw(t testing.TB, path string) string {
	t.Helper()
	drawn := must(view.Draw(t.Context(), s.Workspace, must(url.Parse(path))(t), view.Around{
		Facts: facts, Now: now, Rows: storedRows, Profile: storedProfile, Rates: func(string) []float64 { return nil },
		Query: s.query, Kinds: func(*workspace.Table) []profile.Kind { return nil },
	}))(t)
	var html strings.Builder
	if err := drawn.Render(t.Context(), &html); err != nil {
		t.Fatal(err)
	}
	return html.String()
}

// query is the server's answer to a statement that names no table.
func (s *session) query(ctx context.Context, sql string, rows int) (*query.Result, error) {
	return query.Run(ctx, nil, sql, query.Limits{Rows: rows})
}

// ask asks the engine for a page.
func (w *worker) ask(path string) engine.Drawn {
	w.Helper()
	id := workspace.NewID()
	w.Draw(engine.Draw{ID: id, Path: path})
	for {
		select {
		case d := <-w.drawn:
			if d.ID == id {
				return d
			}
		case <-time.After(patience):
			w.Fatalf("%s is not answered", path)
		}
	}
}

// untilKept waits until the engine knows who looks, and so draws.
func (w *worker) untilKept() {
	w.Helper()
	for until := time.Now().Add(patience); ; {
		facts, err := w.replica.Viewer(w.Context())
		if err != nil {
			w.Fatal(err)
		}
		if facts != nil {
			return
		}
		if time.Now().After(until) {
			w.Fatal("the viewer is not kept")
		}
		w.ask("/") // a turn of the engine
	}
}

// paths are pages that a replica knows, of the session as it stands.
func (s *session) paths(t testing.TB) (paths []string) {
	t.Helper()
	paths = []string{"/", "/?q=author", "/?q=100%25", "/?group=shared", "/?group=none", "/?done=user_added", "/?wrong=conflict", "/?wrong=Call+this+number", "/jobs", "/search", "/query", "/query?sql=SELECT+nowhere"}
	for _, state := range []string{"succeeded", "cancelled", "queued", "failed", "running"} {
		paths = append(paths, "/jobs?state="+state)
	}
	for _, j := range must(s.Jobs(t.Context(), "", workspace.Page{Limit: 7}))(t).Items {
		if j.State.Finished() {
			paths = append(paths, "/jobs/"+j.ID, "/jobs/"+j.ID+"?only=failed")
		}
	}
	for i, table := range must(s.NewestTables(t.Context(), workspace.TableFilter{}, workspace.Page{Limit: 6}))(t).Items {
		at := "/tables/" + table.ID
		paths = append(paths, at)
		if i < 2 {
			paths = append(paths, at+"?sort=-title", at+"?filter=title~1&sort=number", at+"?offset=200&limit=50", at+"?row=150",
				at+"?limit=1000", at+"?filter=number!", at+"/rows/2?column=title", at+"/rows/1", at+"?find=tit&hide_empty=1", at+"?columns=1&filter=title~1", at+"?offset=30&limit=1000")
		}
	}
	return paths
}

// What a replica draws is what its server draws, byte by byte. The exceptions:
// the page of a job at work is the server's (its log and its rate are not told);
// a further page of a long log is too; and where there is no such thing the
// server says so, with the number of the request.
func same(t testing.TB, s *session, w *worker) {
	t.Helper()
	w.untilKept()
	for _, path := range s.paths(t) {
		want, got := s.draw(t, path), w.ask(path)
		if got.Status != 200 || got.HTML != want {
			t.Fatalf("%s is answered with %d and differs:\n%s\n%s", path, got.Status, around(want, got.HTML), around(got.HTML, want))
		}
	}
}

// Without a server the page /ask shows what was asked before; with one it is the server's.
func TestQuestionsWithoutServer(t *testing.T) {
	s := newSession(t)
	s.question(t, 0)
	w := start(t, s, filepath.Join(t.TempDir(), "replica.db"))
	w.untilReady()
	w.untilAt(s)
	w.untilKept()
	if asked := w.ask("/ask"); asked.Status != 0 {
		t.Errorf("with a server /ask is drawn here: %d", asked.Status)
	}
	s.down.Store(true)
	s.leave()
	w.untilStanding(offline)
	asked := w.ask("/ask")
	for _, want := range []string{"Asking needs the server", "How &lt;many&gt;?", "There are 2."} {
		if asked.Status != 200 || !strings.Contains(asked.HTML, want) {
			t.Errorf("without a server /ask is answered with %d and without %q", asked.Status, want)
		}
	}
}

// What a server shows as one a replica does too, and lists as it does.
func TestDocumentsAlikeAreOneInAReplica(t *testing.T) {
	s := newSession(t)
	for i := range page.AlikeFrom + 1 {
		s.convert(t, s.upload(t, fmt.Sprintf("%d.zip", i)), "alike")
	}
	w := start(t, s, filepath.Join(t.TempDir(), "replica.db"))
	w.untilReady()
	w.untilKept()
	w.untilAt(s)
	if html := s.draw(t, "/"); !strings.Contains(html, "6 documents alike: 2,760 rows in 12 tables") {
		t.Error("the server does not show them as one")
	}
	for _, path := range []string{
		"/", "/?group=alike", "/?group=alike&class=of-alike&sort=-name", "/?group=alike&sort=size", "/?files=newest&files_sort=-size", "/?files=2&files_named=zip", "/jobs?q=3.zip",
	} {
		if want, got := s.draw(t, path), w.ask(path); got.Status != 200 || got.HTML != want {
			t.Errorf("%s is answered with %d and differs:\n%s\n%s", path, got.Status, around(want, got.HTML), around(got.HTML, want))
		}
	}
}

func TestPagesThatAreTheServers(t *testing.T) {
	s := newSession(t)
	active := s.upload(t, "active.zip")
	w := start(t, s, filepath.Join(t.TempDir(), "replica.db"))
	w.untilReady()
	w.untilKept()
	for _, path := range []string{
		"/jobs/" + active.Job.ID, "/jobs/none", "/tables/none", "/jobs?state=odd", "/jobs?after=odd", "/search?q=x",
		"/account", "/admin/users", "/files/1", "/login", "nowhere", "",
	} {
		if got := w.ask(path); got.Status != 0 || got.HTML != "" {
			t.Errorf("%s is answered with %d", path, got.Status)
		}
	}
}

// Without its server an engine draws what it has, and says what it has not.
func TestPagesWithoutAServer(t *testing.T) {
	s := newSession(t)
	s.mix(t, 0)
	active := s.upload(t, "active.zip")
	path := filepath.Join(t.TempDir(), "replica.db")
	w := start(t, s, path)
	w.untilReady()
	same(t, s, w)
	for _, again := range []bool{false, true} {
		if again { // a start without a network
			_ = w.end()
			w = start(t, s, path)
		} else {
			s.leave()
			var standing engine.Standing
			for standing = (engine.Standing{Online: true}); standing.Online; {
				w.expect("standing", &standing)
			}
		}
		for _, known := range s.paths(t) {
			if got := w.ask(known); got.Status != 200 || got.HTML != s.draw(t, known) {
				t.Errorf("%s is answered with %d", known, got.Status)
			}
		}
		if got := w.ask("/jobs/" + active.Job.ID); got.Status != 200 || !strings.Contains(got.HTML, "active.zip") {
			t.Errorf("a job at work is answered with %d", got.Status)
		}
		got := w.ask("/search?q=title+1*+or+%2A12%2A")
		for _, part := range []string{"only tables that this browser keeps were searched", "<mark>", `?row=`} {
			if got.Status != 200 || !strings.Contains(got.HTML, part) {
				t.Errorf("a question is answered with %d, without %s", got.Status, part)
			}
		}
		for gone, status := range map[string]int{"/tables/none": 404, "/jobs?state=odd": 400, "/account": 503} {
			if got := w.ask(gone); got.Status != status || !strings.Contains(got.HTML, `id="main"`) {
				t.Errorf("%s is answered with %d", gone, got.Status)
			}
		}
	}
}

// Rows that a person looks at are asked for once; those of small tables ahead of
// need; those of a large one only by the page.
func TestRowsAreFetchedOnce(t *testing.T) {
	s := newSession(t)
	large := s.table(t, 5000, 1<<30)
	w := start(t, s, filepath.Join(t.TempDir(), "replica.db"))
	w.untilReady()
	w.untilKept()
	asked := s.fetched.Load()
	for range 3 {
		for _, path := range []string{"/tables/" + large, "/tables/" + large + "?offset=4900"} {
			if got := w.ask(path); got.HTML != s.draw(t, path) {
				t.Errorf("%s differs", path)
			}
		}
	}
	if n := s.fetched.Load() - asked; n != 2 {
		t.Errorf("two pages were asked for %d times", n)
	}
	sorted := "/tables/" + large + "?sort=-title"
	if got := w.ask(sorted); got.HTML != s.draw(t, sorted) {
		t.Error("a large table is not sorted as the server does")
	}
	s.leave()
	var standing engine.Standing
	for standing.Online = true; standing.Online; {
		w.expect("standing", &standing)
	}
	if standing.Rows == 0 {
		t.Error("no rows are said to be kept")
	}
	if got := w.ask("/tables/" + large + "?offset=1000"); got.Status != 503 || !strings.Contains(got.HTML, "not in this browser") {
		t.Errorf("rows that are not here are answered with %d", got.Status)
	}
}

// The table that is open is fetched whole, so that it is sorted without the server too.
func TestOpenTableComesWhole(t *testing.T) {
	s := newSession(t)
	open := s.table(t, 2500, 909_000)
	w := start(t, s, filepath.Join(t.TempDir(), "replica.db"))
	w.untilReady()
	w.untilKept()
	if got := w.ask("/tables/" + open); got.Status != 200 {
		t.Fatalf("the table is answered with %d", got.Status)
	}
	w.untilWhole(open)
	path := "/tables/" + open + "?sort=-title&offset=1000"
	want := s.draw(t, path)
	s.leave()
	var standing engine.Standing
	for standing.Online = true; standing.Online; {
		w.expect("standing", &standing)
	}
	if got := w.ask(path); got.Status != 200 || rowsOf(got.HTML) != rowsOf(want) {
		t.Errorf("sorted without a server it is answered with %d", got.Status)
	}
}

// rowsOf is a page's table.
func rowsOf(html string) string {
	_, rest, _ := strings.Cut(html, "<tbody")
	rows, _, _ := strings.Cut(rest, "</tbody>")
	return rows
}

// untilWhole waits until all rows of a table are kept.
func (w *worker) untilWhole(id string) {
	w.Helper()
	for until := time.Now().Add(patience); ; {
		table := must(w.replica.Table(w.Context(), id))(w)
		if must(replica.NewRows(w.replica, rowBudget).Whole(w.Context(), table))(w) {
			return
		}
		if time.Now().After(until) {
			w.Fatalf("the table of %d rows is not whole", table.Rows)
		}
		w.hear("")
	}
}

func TestSmallTablesComeAheadOfNeed(t *testing.T) {
	s := newSession(t)
	before := s.table(t, 2500, 1000)
	w := start(t, s, filepath.Join(t.TempDir(), "replica.db"))
	w.untilReady()
	while := s.table(t, 250, 1000)
	w.untilAt(s)
	for _, id := range []string{before, while} {
		w.untilWhole(id)
	}
	asked := s.fetched.Load()
	path := "/tables/" + before + "?sort=-title&offset=1000"
	if got := w.ask(path); got.HTML != s.draw(t, path) || s.fetched.Load() != asked {
		t.Errorf("a whole table is not sorted here: %d, %d requests", got.Status, s.fetched.Load()-asked)
	}
}
