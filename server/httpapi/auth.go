package httpapi

import (
	"net/http"
	"time"

	"ret/server/ratelimit"
	"ret/server/session"
	"ret/server/store"
	"ret/shared/fault"
)

type userJSON struct {
	ID   string     `json:"id"`
	Name string     `json:"name"`
	Role store.Role `json:"role"`
}

type sessionJSON struct {
	ID          string    `json:"id"`
	CreatedAt   time.Time `json:"created_at"`
	ExpiresAt   time.Time `json:"expires_at"`
	IdleSeconds int       `json:"idle_seconds"`
}

type signedInJSON struct {
	User    userJSON    `json:"user"`
	Session sessionJSON `json:"session"`
}

func describe(s session.Session) signedInJSON {
	return signedInJSON{
		User:    userJSON{s.User.ID, s.User.Name, s.User.Role},
		Session: sessionJSON{s.ID, s.CreatedAt.UTC(), s.ExpiresAt.UTC(), int(s.Idle.Seconds())},
	}
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) error {
	var body struct{ Username, Password string }
	if err := readJSON(w, r, &body); err != nil {
		return err
	}
	current, err := s.signIn(w, r, body.Username, body.Password)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, describe(current))
}

// signIn begins a session and hands its cookies to the browser. A session that
// the browser had before could not be reached any more, so it ends.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request, name, password string) (session.Session, error) {
	from := s.addressOf(r)
	user, rate, err := s.Accounts.SignIn(r.Context(), name, password, from)
	ratelimit.Decision{Allowed: true, Limit: rate.Limit, Remaining: rate.Remaining, Reset: rate.Reset}.SetHeader(w.Header())
	if err != nil {
		return session.Session{}, err
	}
	if earlier, err := resolve(r); err == nil {
		if _, err := s.Sessions.End(r.Context(), earlier.ID, store.ReasonLogout, earlier.Actor()); err != nil && !fault.Is(err, fault.NotFound) {
			s.Log.Error("earlier session not ended", "session", earlier.ID, "err", err)
		}
	}
	current, cred, err := s.Sessions.Begin(r.Context(), user, from, r.UserAgent())
	if err != nil {
		return session.Session{}, err
	}
	s.cookies.Write(w, cred)
	return current, nil
}

func (s *Server) currentSession(c *call) error {
	return writeJSON(c.w, http.StatusOK, describe(c.session))
}

type receiptsJSON struct {
	Receipts []session.Receipt `json:"receipts"`
}

func (s *Server) logout(c *call) error {
	receipts, err := s.signOut(c, c.r.URL.Query().Get("everywhere") == "1")
	if err != nil {
		return err
	}
	return writeJSON(c.w, http.StatusOK, receiptsJSON{receipts})
}

// signOut ends this session, or all of its user's, and has the browser forget.
func (s *Server) signOut(c *call, everywhere bool) (receipts []session.Receipt, err error) {
	if everywhere {
		receipts, err = s.Sessions.EndUser(c.r.Context(), c.session.User.ID, "", store.ReasonLogout, c.session.Actor())
	} else {
		var receipt session.Receipt
		receipt, err = s.Sessions.End(c.r.Context(), c.session.ID, store.ReasonLogout, c.session.Actor())
		receipts = []session.Receipt{receipt}
	}
	if err != nil {
		return nil, err
	}
	s.proveSignOut(c.w, receipts)
	return receipts, nil
}

func (s *Server) changePassword(c *call) error {
	var body struct{ Old, New string }
	if err := readJSON(c.w, c.r, &body); err != nil {
		return err
	}
	if err := s.Accounts.ChangePassword(c.r.Context(), c.session.Actor(), body.Old, body.New, s.addressOf(c.r)); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}
