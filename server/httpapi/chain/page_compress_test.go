package chain

import (
	"bytes"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// A page is compressed only where nothing of the request is repeated in it, and
// only for who takes it.
func TestPagesAreCompressedWhereNothingIsReflected(t *testing.T) {
	text := strings.Repeat("<tr><td>a table's row</td></tr>", 1000)
	for _, c := range []struct {
		method, target, accepted string
		status                   int
		compressed               bool
	}{
		{"GET", "/", "gzip, br", 200, true},
		{"GET", "/jobs", "br, gzip;q=0.5", 200, true},
		{"GET", "/", "", 200, false},
		{"GET", "/", "gzip;q=0", 200, false},
		{"GET", "/?wrong=guess", "gzip", 200, false},
		{"GET", "/login?next=/guess", "gzip", 200, false},
		{"GET", "/guess", "gzip", 404, false},
		{"POST", "/login", "gzip", 200, false},
	} {
		r := httptest.NewRequest(c.method, c.target, nil)
		r.Header.Set("Accept-Encoding", c.accepted)
		w := httptest.NewRecorder()
		writePage(w, r, c.status, bytes.NewBufferString(text))
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != c.compressed {
			t.Errorf("%+v: compressed %v", c, got)
		}
		if w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%+v: Vary %q", c, w.Header().Get("Vary"))
		}
		var body io.Reader = w.Body
		if c.compressed {
			if w.Body.Len() > len(text)/10 {
				t.Errorf("%d of %d bytes", w.Body.Len(), len(text))
			}
			var err error
			if body, err = gzip.NewReader(w.Body); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := io.ReadAll(body); err != nil || string(got) != text {
			t.Errorf("%+v: %d bytes, %v", c, len(got), err)
		}
	}
}
