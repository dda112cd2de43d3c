package api

import (
	"net/http"
	"time"

	"ret/server/httpapi/chain"
	"ret/shared/fault"
	"ret/shared/query"
)

// Rows of an answer to a statement: as many as a program gets without asking for more,
// and at most.
const (
	usualQueryRows = 1000
	mostQueryRows  = 100_000
)

// query answers a statement over the session's tables.
func (s *Server) query(c *chain.Call) error {
	var body struct {
		SQL   string `json:"sql"`
		Limit *int   `json:"limit"`
	}
	if err := chain.ReadJSON(c.W, c.R, &body); err != nil {
		return err
	}
	limit := usualQueryRows
	if body.Limit != nil {
		limit = *body.Limit
	}
	if limit < 1 || limit > mostQueryRows {
		return fault.New(fault.Invalid, "limit must be a number between 1 and %d.", mostQueryRows)
	}
	began := time.Now()
	result, err := s.RunQuery(c, body.SQL, limit)
	if err != nil {
		return err
	}
	return chain.WriteJSON(c.W, http.StatusOK, struct {
		*query.Result
		TookMS float64 `json:"took_ms"`
	}{result, float64(time.Since(began).Microseconds()) / 1000})
}
