package api

import (
	"net/http"

	"ret/server/httpapi/chain"
)

// viewer tells a client that draws pages itself what only the server knows.
func (s *Server) viewer(c *chain.Call) error {
	return chain.WriteJSON(c.W, http.StatusOK, s.Facts(c.Session))
}
