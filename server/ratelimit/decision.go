package ratelimit

import (
	"net/http"
	"strconv"
	"time"
)

// Decision is the answer to one request.
type Decision struct {
	Allowed   bool
	Limit     int           // 0 if there is none, and then nothing else is said
	Remaining int           // requests that would pass now
	Reset     time.Duration // until the oldest counted request leaves the window
}

// SetHeader tells the client where it stands.
func (d Decision) SetHeader(h http.Header) {
	if d.Limit == 0 {
		return
	}
	reset := strconv.Itoa(wholeSeconds(d.Reset))
	h.Set("RateLimit-Limit", strconv.Itoa(d.Limit))
	h.Set("RateLimit-Remaining", strconv.Itoa(d.Remaining))
	h.Set("RateLimit-Reset", reset)
	if !d.Allowed {
		h.Set("Retry-After", reset)
	}
}

// wholeSeconds rounds up, so that who waits that long has waited long enough.
func wholeSeconds(d time.Duration) int {
	return int((d + time.Second - 1) / time.Second)
}
