package httpapi

import (
	"net/http"
	"strconv"
	"time"
)

// setRate says in the answer's headers how much of a limit is left; a limit of 0
// is none.
func setRate(w http.ResponseWriter, limit, remaining int, reset time.Duration) {
	if limit == 0 {
		return
	}
	h := w.Header()
	h.Set("RateLimit-Limit", strconv.Itoa(limit))
	h.Set("RateLimit-Remaining", strconv.Itoa(remaining))
	h.Set("RateLimit-Reset", strconv.Itoa(secondsUp(reset)))
}
