package chain

import (
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"

	"ret/shared/fault"
	"ret/web/page"
)

// Statuses are the kinds of errors in HTTP.
var Statuses = map[fault.Kind]int{
	fault.Internal:    http.StatusInternalServerError,
	fault.Invalid:     http.StatusBadRequest,
	fault.SignedOut:   http.StatusUnauthorized,
	fault.Denied:      http.StatusForbidden,
	fault.NotFound:    http.StatusNotFound,
	fault.Conflict:    http.StatusConflict,
	fault.TooLarge:    http.StatusRequestEntityTooLarge,
	fault.TooMany:     http.StatusTooManyRequests,
	fault.NoSpace:     http.StatusInsufficientStorage,
	fault.Unavailable: http.StatusServiceUnavailable,
	fault.Damaged:     http.StatusInternalServerError,
	fault.Malformed:   http.StatusUnprocessableEntity,
	fault.TimedOut:    http.StatusRequestTimeout,
}

// problem is an error answer as RFC 9457 has it.
type problem struct {
	Status int    `json:"status"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Code   string `json:"code"`

	// The place in a statement that is wrong, both from 1.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
}

// placed is an error that has a place in what was sent.
type placed interface{ Place() (line, column int) }

// fail answers a request that went wrong, and logs what is our own fault. Where an
// answer has begun it breaks the connection off: nothing else says that what came
// is not whole.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	kind := fault.KindOf(err)
	status := Statuses[kind]
	if errors.As(err, new(*http.MaxBytesError)) {
		kind, status = fault.TooLarge, http.StatusRequestEntityTooLarge
		err = errBodyTooLarge
	}
	code := kind.String()
	if errors.Is(err, errWrongMethod) {
		status, code = http.StatusMethodNotAllowed, "method_not_allowed"
	}
	if r.Context().Err() == nil && (kind == fault.Internal || kind == fault.Unavailable || kind == fault.Damaged) {
		s.Log.LogAttrs(r.Context(), slog.LevelError, "request failed", slog.String("request", requestID(r)), slog.String("err", err.Error()))
	}
	if RecorderOf(w).begun() {
		panic(http.ErrAbortHandler)
	}
	if wait := fault.RetryAfter(err); wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	if wantsPage(r) {
		s.failPage(w, r, status, err)
		return
	}
	p := problem{Status: status, Title: http.StatusText(status), Detail: fault.Message(err), Code: code}
	if at := placed(nil); errors.As(err, &at) {
		p.Line, p.Column = at.Place()
	}
	writeProblem(w, p)
}

var (
	errUnknown     = fault.New(fault.NotFound, "There is nothing at this address.")
	errWrongMethod = fault.New(fault.Invalid, "This address does not take requests of this kind.")
)

var errBodyTooLarge = fault.New(fault.TooLarge, "This is larger than the server accepts in one request.")

func writeProblem(w http.ResponseWriter, p problem) {
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Del("Content-Disposition")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may be gone
}

// wantsPage reports whether the request is for a page rather than the API.
func wantsPage(r *http.Request) bool { return !strings.HasPrefix(r.URL.Path, "/api/") }

// failPage shows a person what went wrong. Who is signed out is sent to sign in.
func (s *Server) failPage(w http.ResponseWriter, r *http.Request, status int, err error) {
	if status == http.StatusUnauthorized {
		http.Redirect(w, r, s.signInURL(r), http.StatusSeeOther)
		return
	}
	view := page.ProblemView{Status: status, Detail: fault.Message(err), RequestID: requestID(r)}
	s.Render(w, r, status, page.Problem(s.Frame(r, page.Frame{Title: http.StatusText(status)}), view))
}
