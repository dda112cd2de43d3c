package chain

import (
	"bytes"
	"io"
	"net/http"
	"sync"

	"github.com/klauspost/compress/gzip"

	"ret/web/asset"
)

// minCompressed is the size from which a page is worth it: less is one packet.
const minCompressed = 1400

// compressors are used again: each takes some hundred kilobytes.
var compressors = sync.Pool{New: func() any { return gzip.NewWriter(io.Discard) }}

// mayCompress reports whether a page may be compressed. How long a compressed page
// is tells what in it repeats, so nothing that someone else chose may stand beside
// what is a secret (the attack called BREACH). What others can choose of a request
// that carries a person's cookies is its address: a page that is asked for without a
// query, and is there, repeats nothing of it.
func mayCompress(r *http.Request, status int, size int) bool {
	return r.Method == http.MethodGet && r.URL.RawQuery == "" && status == http.StatusOK && size >= minCompressed
}

// writePage writes a whole page, compressed if it may be and the client takes it.
func writePage(w http.ResponseWriter, r *http.Request, status int, page *bytes.Buffer) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "Accept-Encoding")
	if mayCompress(r, status, page.Len()) && asset.Accepts(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		page = compressed(page)
	}
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // the client may be gone
}

func compressed(page *bytes.Buffer) *bytes.Buffer {
	var out bytes.Buffer
	z := compressors.Get().(*gzip.Writer)
	defer compressors.Put(z)
	z.Reset(&out)
	_, _ = z.Write(page.Bytes()) // a buffer takes everything
	_ = z.Close()
	return &out
}
