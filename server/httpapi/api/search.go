package api

import (
	"cmp"
	"net/http"
	"time"

	"ret/server/httpapi/chain"
	"ret/shared/fault"
	"ret/shared/search"
)

// search answers a question over all tables. A newer one of the same session has it
// given up.
func (s *Server) search(c *chain.Call) error {
	began := time.Now()
	q, err := searchQuestion(c.R)
	if err != nil {
		return err
	}
	asked := c.R.URL.Query()
	asked.Del("after") // who turns a page still asks the same
	asked.Del("limit")
	answer, err := s.Search(c.R.Context(), c, q, asked.Encode())
	if err != nil {
		return err
	}
	body := struct {
		Items    []search.Hit `json:"items"`
		Next     *string      `json:"next"`
		Complete bool         `json:"complete"`
		Indexed  bool         `json:"indexed"`
		TookMS   float64      `json:"took_ms"`
	}{Items: answer.Hits, Complete: !answer.Cut, Indexed: answer.Indexed}
	if answer.Hits == nil {
		body.Items = []search.Hit{}
	}
	if answer.Next != "" {
		body.Next = &answer.Next
	}
	body.TookMS = float64(time.Since(began).Microseconds()) / 1000
	return chain.WriteJSON(c.W, http.StatusOK, body)
}

func searchQuestion(r *http.Request) (q search.Question, err error) {
	page, err := chain.PageOf(r)
	if err != nil {
		return q, err
	}
	v := r.URL.Query()
	q.Limit, q.After = cmp.Or(page.Limit, 100), page.After
	if q.Query, err = search.Parse(v.Get("q"), v.Get("typing") == "1"); err != nil {
		return q, err
	}
	if q.Empty() {
		return q, fault.New(fault.Invalid, "q must say what to search for.")
	}
	return q, nil
}
