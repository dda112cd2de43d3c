package api

import (
	"net/http"

	"ret/server/httpapi/chain"
	"ret/server/httpapi/work"
	"ret/server/session"
	"ret/server/store"
	"ret/shared/fault"
)

func (s *Server) listSessions(c *chain.Call) error {
	list := work.ListJSON[work.OwnSessionJSON]{Items: []work.OwnSessionJSON{}}
	for _, own := range s.Sessions.List(c.Session.User.ID) {
		list.Items = append(list.Items, work.OwnSessionJSON{
			ID: own.ID, Current: own.ID == c.Session.ID, CreatedAt: own.CreatedAt.UTC(), LastUsedAt: own.LastUsedAt.UTC(),
			ExpiresAt: own.ExpiresAt.UTC(), Address: own.Address, Device: own.Device,
		})
	}
	return chain.WriteJSON(c.W, http.StatusOK, list)
}

func (s *Server) endSession(c *chain.Call) error {
	own, err := s.OwnSession(c, c.R.PathValue("id"))
	if err != nil {
		return err
	}
	receipt, err := s.Sessions.End(c.R.Context(), own.ID, store.ReasonLogout, c.Session.Actor())
	if err != nil {
		return err
	}
	receipts := []session.Receipt{receipt}
	if own.ID == c.Session.ID {
		s.ProveSignOut(c.W, receipts)
	}
	return chain.WriteJSON(c.W, http.StatusOK, work.ReceiptsJSON{Receipts: receipts})
}

func (s *Server) endOtherSessions(c *chain.Call) error {
	if c.R.URL.Query().Get("others") != "1" {
		return fault.New(fault.Invalid, "To end all sessions but this one, add others=1. To end this one too, sign out.")
	}
	receipts, err := s.Sessions.EndUser(c.R.Context(), c.Session.User.ID, c.Session.ID, store.ReasonLogout, c.Session.Actor())
	if err != nil {
		return err
	}
	return chain.WriteJSON(c.W, http.StatusOK, work.ReceiptsJSON{Receipts: receipts})
}
