package httpapi

import (
	"net/http"

	"ret/shared/fault"
)

func (s *Server) healthy(w http.ResponseWriter, _ *http.Request) error {
	_, err := w.Write([]byte("ok\n"))
	return err
}

// ready answers only when the database answers and the queue runs.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.Accounts.List(r.Context(), "", 1); err != nil {
		return err
	}
	if s.Queue.Stopping() {
		return fault.New(fault.Unavailable, "This server is stopping.")
	}
	return s.healthy(w, r)
}
