package asset

import (
	"net/http"
	"strconv"
	"strings"
)

// ServeHTTP serves the assets below Prefix. The content never changes under its
// address, so a browser need not ask again.
func (s *Set) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := s.files[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	e := f.best(r.Header.Get("Accept-Encoding"))
	h := w.Header()
	h.Set("Content-Type", f.mediaType)
	h.Set("Content-Length", strconv.Itoa(len(e.content)))
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	if f.policy != "" {
		h.Set("Content-Security-Policy", f.policy)
	}
	if e.name != "" {
		h.Set("Content-Encoding", e.name)
	}
	if r.Method != http.MethodHead {
		// A client that goes away in the middle is no failure of ours.
		_, _ = w.Write(e.content)
	}
}

// best is the smallest form that the client accepts.
func (f file) best(accepted string) encoding {
	encoded := f.encoded()
	for _, e := range encoded {
		if e.name == "" || Accepts(accepted, e.name) {
			return e
		}
	}
	return encoded[len(encoded)-1]
}

// Accepts reports whether an Accept-Encoding header names coding without
// refusing it.
func Accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			q, given := strings.CutPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
			value, err := strconv.ParseFloat(q, 64)
			return !given || err == nil && value > 0
		}
	}
	return false
}
