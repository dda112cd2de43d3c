package engine_test

import (
	"encoding/json"
	"net/url"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"ret/shared/tablefile"
	"ret/shared/workspace"
	"ret/wasm/engine"
)

// put asks the engine about a table.
func (w *worker) put(path string) engine.Answered {
	w.Helper()
	answer := make(chan engine.Answered, 1)
	w.Read(engine.Read{ID: "q", Path: path}, func(a engine.Answered) { answer <- a })
	select {
	case a := <-answer:
		return a
	case <-time.After(patience):
		w.Fatalf("%s is not answered", path)
		return engine.Answered{}
	}
}

// Without its server an engine answers about a table that is here whole as the server does,
// and of another what it has.
func TestTablesAreReadWithoutAServer(t *testing.T) {
	s := newSession(t)
	whole, large := s.table(t, 2500, 909_000), s.table(t, 5000, 1<<30)
	w := start(t, s, filepath.Join(t.TempDir(), "replica.db"))
	w.untilReady()
	w.untilKept()
	if a := w.put("/api/v1/tables/" + large + "/rows?sort=title"); a.Status != 0 || a.ID != "q" {
		t.Errorf("with a server, what is not here is answered with %d", a.Status)
	}
	for _, id := range []string{large, whole} {
		w.ask("/tables/" + id)
	}
	w.untilWhole(whole)
	s.leave()
	var standing engine.Standing
	for standing.Online = true; standing.Online; {
		w.expect("standing", &standing)
	}
	table := must(s.Table(t.Context(), whole))(t)
	for _, query := range []string{"offset=2400&limit=200", "sort=-title&offset=1000", "filter=title~1&first_column=1&columns=1", "offset=120&limit=30&first_column=1"} {
		a := w.put("/api/v1/tables/" + whole + "/rows?" + query)
		want := must(storedRows(t.Context(), table, must(tablefile.ParseRows(values(t, query), workspace.MaxPage))(t)))(t)
		var got tablefile.Page
		if err := json.Unmarshal(a.Body, &got); a.Status != 200 || err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is answered with %d, %v, %d rows of %d", query, a.Status, err, len(got.Rows), got.Total)
		}
	}
	var learnt struct {
		Rows    int64
		Columns []struct{ Name string }
	}
	if a := w.put("/api/v1/tables/" + whole + "/profile"); json.Unmarshal(a.Body, &learnt) != nil || learnt.Rows != 2500 || len(learnt.Columns) != len(table.Columns) {
		t.Errorf("what is in the columns is answered with %d: %+v", a.Status, learnt)
	}
	var found tablefile.ColumnValues
	if a := w.put("/api/v1/tables/" + whole + "/values?column=title&limit=10"); json.Unmarshal(a.Body, &found) != nil || len(found.Items) != 10 || found.Next == nil {
		t.Errorf("values are answered with %d: %s", a.Status, a.Body)
	}
	for query, status := range map[string]int{
		large + "/rows?offset=0": 200, large + "/rows?offset=3000": 503, large + "/rows?sort=title": 503, large + "/profile": 503,
		whole + "/rows?filter=none=1": 400, whole + "/values?column=none": 400, whole + "/content": 404, "none/rows": 404,
	} {
		if a := w.put("/api/v1/tables/" + query); a.Status != status {
			t.Errorf("%s is answered with %d, not %d: %s", query, a.Status, status, a.Body)
		}
	}
}

func values(t *testing.T, query string) url.Values {
	t.Helper()
	return must(url.ParseQuery(query))(t)
}
