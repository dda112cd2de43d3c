package work

import (
	"net/http"

	"ret/server/httpapi/chain"
	"ret/server/ratelimit"
	"ret/server/session"
	"ret/server/store"
	"ret/shared/fault"
)

// SignIn begins a session and hands its cookies to the browser. A session that
// the browser had before could not be reached any more, so it ends.
func (s *Server) SignIn(w http.ResponseWriter, r *http.Request, name, password string) (session.Session, error) {
	from := s.AddressOf(r)
	user, rate, err := s.Accounts.SignIn(r.Context(), name, password, from)
	ratelimit.Decision{Allowed: true, Limit: rate.Limit, Remaining: rate.Remaining, Reset: rate.Reset}.SetHeader(w.Header())
	if err != nil {
		return session.Session{}, err
	}
	if earlier, err := chain.Resolve(r); err == nil {
		if _, err := s.Sessions.End(r.Context(), earlier.ID, store.ReasonLogout, earlier.Actor()); err != nil && !fault.Is(err, fault.NotFound) {
			s.Log.Error("earlier session not ended", "session", earlier.ID, "err", err)
		}
	}
	current, cred, err := s.Sessions.Begin(r.Context(), user, from, r.UserAgent())
	if err != nil {
		return session.Session{}, err
	}
	s.Cookies.Write(w, cred)
	return current, nil
}

// SignOut ends this session, or all of its user's, and has the browser forget.
func (s *Server) SignOut(c *chain.Call, everywhere bool) (receipts []session.Receipt, err error) {
	if everywhere {
		receipts, err = s.Sessions.EndUser(c.R.Context(), c.Session.User.ID, "", store.ReasonLogout, c.Session.Actor())
	} else {
		var receipt session.Receipt
		receipt, err = s.Sessions.End(c.R.Context(), c.Session.ID, store.ReasonLogout, c.Session.Actor())
		receipts = []session.Receipt{receipt}
	}
	if err != nil {
		return nil, err
	}
	s.ProveSignOut(c.W, receipts)
	return receipts, nil
}
