package chain

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"ret/shared/fault"
	"ret/shared/tablefile"
	"ret/shared/workspace"
)

// WriteJSON answers with a value.
func WriteJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // the client may be gone
	return nil
}

// WriteRows answers with a page of rows as writeJSON would, but encodes them one by
// one: they may be large.
func WriteRows(w http.ResponseWriter, page tablefile.Page) error {
	columns, err := json.Marshal(page.Columns)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	out := bufio.NewWriterSize(w, 32<<10)
	fmt.Fprintf(out, `{"columns":%s,"rows":[`, columns)
	for i, row := range page.Rows {
		if i > 0 {
			_ = out.WriteByte(',')
		}
		text, err := json.Marshal(row)
		if err != nil {
			return fmt.Errorf("encode answer: %w", err)
		}
		if _, err := out.Write(text); err != nil {
			return nil // the client is gone
		}
	}
	fmt.Fprintf(out, `],"offset":%d,"total":%d`, page.Offset, page.Total)
	if page.Numbers != nil {
		numbers, err := json.Marshal(page.Numbers)
		if err != nil {
			return fmt.Errorf("encode answer: %w", err)
		}
		fmt.Fprintf(out, `,"numbers":%s`, numbers)
	}
	if page.Next != nil {
		fmt.Fprintf(out, `,"next":%d`, *page.Next)
	}
	_, _ = out.WriteString("}\n")
	_ = out.Flush()
	return nil
}

// maxJSONBytes bounds the JSON that a request may bring.
const maxJSONBytes = 1 << 20

// ReadJSON decodes a request's body into v. Unknown fields are Invalid: they are
// more often a typing error than a newer client. One that is announced as too long
// is not read at all.
func ReadJSON(w http.ResponseWriter, r *http.Request, v any) error {
	if r.ContentLength > maxJSONBytes {
		return errBodyTooLarge
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxJSONBytes))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fault.Wrap(fault.Invalid, err, "The request's body is not the JSON that this address takes.")
	}
	if _, err := d.Token(); err != io.EOF {
		return fault.New(fault.Invalid, "The request's body must be one JSON object and nothing after it.")
	}
	return nil
}

// Render answers with a page, or with a plain sentence if it cannot be drawn.
// The page is complete before the first byte leaves.
func (s *Server) Render(w http.ResponseWriter, r *http.Request, status int, component templ.Component) {
	var buf bytes.Buffer
	if err := component.Render(r.Context(), &buf); err != nil {
		s.Log.Error("page not rendered", "request", requestID(r), "err", err)
		http.Error(w, fault.Message(err), http.StatusInternalServerError)
		return
	}
	writePage(w, r, status, &buf)
}

// PageOf reads limit and after.
func PageOf(r *http.Request) (workspace.Page, error) {
	q := r.URL.Query()
	p := workspace.Page{After: q.Get("after")}
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > workspace.MaxPage {
			return p, fault.New(fault.Invalid, "limit must be a number between 1 and %d.", workspace.MaxPage)
		}
		p.Limit = n
	}
	return p, nil
}

// Attach marks an answer as a person's own data to be saved, never to be run or
// shown on this origin.
func Attach(w http.ResponseWriter, contentType, name string) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	disposition := mime.FormatMediaType("attachment", map[string]string{"filename": name})
	if disposition == "" {
		disposition = "attachment"
	}
	h.Set("Content-Disposition", disposition)
}
