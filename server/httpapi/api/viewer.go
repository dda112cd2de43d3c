package api

import (
	"net/http"

	"ret/server/httpapi/chain"
)

// viewer tells a client that draws pages itself what only the server knows.
func (s *Server) viewer(c *chain.Call) error {
	facts, err := s.WorkFacts(c)
	if err != nil {
		return err
	}
	return chain.WriteJSON(c.W, http.StatusOK, facts)
}
