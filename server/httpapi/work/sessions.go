package work

import (
	"ret/server/httpapi/chain"
	"ret/server/session"
	"ret/web/page"
)

// SessionItem is a session as a list on a page shows it.
func SessionItem(own session.Session) page.Session {
	return page.Session{
		ID: own.ID, User: own.User.Name, Device: own.Device, Address: own.Address,
		CreatedAt: own.CreatedAt, LastUsedAt: own.LastUsedAt, ExpiresAt: own.ExpiresAt,
	}
}

// OwnSession returns a session of the caller's user; someone else's is not found.
func (s *Server) OwnSession(c *chain.Call, id string) (session.Session, error) {
	own, err := s.Sessions.Get(id)
	if err == nil && own.User.ID != c.Session.User.ID {
		err = session.ErrNoSession
	}
	return own, err
}
