package api

import (
	"net/http"
	"time"

	"ret/server/httpapi/chain"
	"ret/server/httpapi/work"
	"ret/server/session"
)

type sessionJSON struct {
	ID          string    `json:"id"`
	CreatedAt   time.Time `json:"created_at"`
	ExpiresAt   time.Time `json:"expires_at"`
	IdleSeconds int       `json:"idle_seconds"`
}

type signedInJSON struct {
	User    work.UserJSON `json:"user"`
	Session sessionJSON   `json:"session"`
}

func describe(s session.Session) signedInJSON {
	return signedInJSON{
		User:    work.UserJSON{ID: s.User.ID, Name: s.User.Name, Role: s.User.Role},
		Session: sessionJSON{s.ID, s.CreatedAt.UTC(), s.ExpiresAt.UTC(), int(s.Idle.Seconds())},
	}
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) error {
	var body struct{ Username, Password string }
	if err := chain.ReadJSON(w, r, &body); err != nil {
		return err
	}
	current, err := s.SignIn(w, r, body.Username, body.Password)
	if err != nil {
		return err
	}
	return chain.WriteJSON(w, http.StatusOK, describe(current))
}

func (s *Server) currentSession(c *chain.Call) error {
	return chain.WriteJSON(c.W, http.StatusOK, describe(c.Session))
}

func (s *Server) logout(c *chain.Call) error {
	receipts, err := s.SignOut(c, c.R.URL.Query().Get("everywhere") == "1")
	if err != nil {
		return err
	}
	return chain.WriteJSON(c.W, http.StatusOK, work.ReceiptsJSON{Receipts: receipts})
}

func (s *Server) changePassword(c *chain.Call) error {
	var body struct{ Old, New string }
	if err := chain.ReadJSON(c.W, c.R, &body); err != nil {
		return err
	}
	if err := s.Accounts.ChangePassword(c.R.Context(), c.Session.Actor(), body.Old, body.New, s.AddressOf(c.R)); err != nil {
		return err
	}
	c.W.WriteHeader(http.StatusNoContent)
	return nil
}
