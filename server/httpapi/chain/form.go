package chain

import (
	"net/http"

	"ret/shared/fault"
)

// MaxFormBytes bounds a form without files.
const MaxFormBytes = 64 << 10

// ParseForm reads the fields of a form without files.
func ParseForm(w http.ResponseWriter, r *http.Request) error {
	return ParseFormOf(w, r, MaxFormBytes)
}

// ParseFormOf is parseForm for a form that may be as long as limit.
func ParseFormOf(w http.ResponseWriter, r *http.Request, limit int64) error {
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "The form could not be read. Please try again.")
	}
	return nil
}
