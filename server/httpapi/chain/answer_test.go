package chain

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"ret/shared/tablefile"
)

// Rows that are encoded one by one are the JSON of their page.
func TestRowsAreWrittenAsTheirPage(t *testing.T) {
	text, next := "\"<ü>\u2028\x01", int64(7)
	for _, page := range []tablefile.Page{
		{Columns: []string{"a", "<b>"}, Rows: [][]*string{{&text, nil}, {nil, new(string)}}, Offset: 5, Total: 9, Next: &next},
		{Columns: []string{}, Rows: [][]*string{}},
	} {
		w := httptest.NewRecorder()
		if err := WriteRows(w, page); err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(page)
		if got := strings.TrimSuffix(w.Body.String(), "\n"); err != nil || got != string(want) || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("wrote %s, want %s", got, want)
		}
	}
}
