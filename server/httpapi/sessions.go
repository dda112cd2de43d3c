package httpapi

import (
	"net/http"
	"time"

	"ret/server/session"
	"ret/server/store"
	"ret/shared/fault"
)

type ownSessionJSON struct {
	ID         string    `json:"id"`
	Current    bool      `json:"current"`
	CreatedAt  time.Time `json:"created_at"`
	LastUsedAt time.Time `json:"last_used_at"`
	ExpiresAt  time.Time `json:"expires_at"`
	Address    string    `json:"address"`
	Device     string    `json:"device"`
}

// listJSON is a list that is never cut off.
type listJSON[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"`
}

func (s *Server) listSessions(c *call) error {
	list := listJSON[ownSessionJSON]{Items: []ownSessionJSON{}}
	for _, own := range s.Sessions.List(c.session.User.ID) {
		list.Items = append(list.Items, ownSessionJSON{
			ID: own.ID, Current: own.ID == c.session.ID, CreatedAt: own.CreatedAt.UTC(), LastUsedAt: own.LastUsedAt.UTC(),
			ExpiresAt: own.ExpiresAt.UTC(), Address: own.Address, Device: own.Device,
		})
	}
	return writeJSON(c.w, http.StatusOK, list)
}

// ownSession returns a session of the caller's user; someone else's is not found.
func (s *Server) ownSession(c *call, id string) (session.Session, error) {
	own, err := s.Sessions.Get(id)
	if err == nil && own.User.ID != c.session.User.ID {
		err = session.ErrNoSession
	}
	return own, err
}

func (s *Server) endSession(c *call) error {
	own, err := s.ownSession(c, c.r.PathValue("id"))
	if err != nil {
		return err
	}
	receipt, err := s.Sessions.End(c.r.Context(), own.ID, store.ReasonLogout, c.session.Actor())
	if err != nil {
		return err
	}
	receipts := []session.Receipt{receipt}
	if own.ID == c.session.ID {
		s.proveSignOut(c.w, receipts)
	}
	return writeJSON(c.w, http.StatusOK, receiptsJSON{receipts})
}

func (s *Server) endOtherSessions(c *call) error {
	if c.r.URL.Query().Get("others") != "1" {
		return fault.New(fault.Invalid, "To end all sessions but this one, add others=1. To end this one too, sign out.")
	}
	receipts, err := s.Sessions.EndUser(c.r.Context(), c.session.User.ID, c.session.ID, store.ReasonLogout, c.session.Actor())
	if err != nil {
		return err
	}
	return writeJSON(c.w, http.StatusOK, receiptsJSON{receipts})
}
