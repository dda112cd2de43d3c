package api

import (
	"net/http"

	"ret/server/httpapi/chain"
	"ret/shared/fault"
)

// live opens the live channel. Who is not signed in is told by the socket's close
// code: a page cannot read the status of one that did not open.
func (s *Server) live(w http.ResponseWriter, r *http.Request) error {
	current, err := chain.Resolve(r)
	if fault.Is(err, fault.SignedOut) {
		return s.Hub.Refuse(w, r, string(s.HowEnded(r)))
	}
	if err != nil {
		return err
	}
	open, release, err := s.Workspaces.Use(r.Context(), current.ID)
	if err != nil {
		return err
	}
	defer release()
	return open.Room.Serve(w, r)
}
