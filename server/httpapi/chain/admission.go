package chain

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"ret/server/ratelimit"
	"ret/server/session"
	"ret/server/store"
	"ret/shared/fault"
	"ret/web/asset"
)

// identity is whose request it is, as found once at the door.
type identity struct {
	session  session.Session
	err      error             // why there is no session
	Receipts []session.Receipt // of the session that this request ended, if it did
}

// admit finds out whose request it is and counts it: against the session if there
// is one, else against the address. What a page loads and what watches over the
// server is not counted.
func (s *Server) admit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		credentials := s.Cookies.Read(r)
		if uncounted(r.URL.Path) && !credentials.Abandoned() {
			next.ServeHTTP(w, r)
			return
		}
		who := s.whose(w, r, credentials)
		if uncounted(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		var decision ratelimit.Decision
		if who.err == nil {
			decision = s.Limits.Session(who.session.ID)
			// Nothing keeps anybody from having a session erased; it ends with that.
			decision.Allowed = decision.Allowed || signsOut(r)
		} else {
			decision = s.Limits.Address(s.AddressOf(r))
		}
		if err := s.Allow(w, decision); err != nil {
			s.fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), keyIdentity, who)))
	})
}

// whose finds the session of a request. A token without its word ends the session,
// whatever is asked for: its person has signed out in that browser.
func (s *Server) whose(w http.ResponseWriter, r *http.Request, c session.Credentials) *identity {
	who := &identity{}
	who.session, who.err = s.Sessions.Resolve(c)
	if !errors.Is(who.err, session.ErrAbandoned) {
		return who
	}
	s.Cookies.Clear(w)
	receipt, err := s.Sessions.End(r.Context(), who.session.ID, store.ReasonLogout, who.session.Actor())
	switch {
	case err == nil:
		who.Receipts = []session.Receipt{receipt}
	case !errors.Is(err, session.ErrNoSession):
		who.err = errors.Join(who.err, err)
	}
	return who
}

func uncounted(path string) bool {
	switch path {
	case "/healthz", "/readyz", asset.ManifestPath, asset.ShellPath, asset.ServiceWorkerPath:
		return true
	}
	return strings.HasPrefix(path, asset.Prefix)
}

func signsOut(r *http.Request) bool {
	return r.Method == http.MethodPost && (r.URL.Path == "/api/v1/logout" || r.URL.Path == "/logout")
}

// Allow tells the client where it stands and returns TooMany if that is over the
// limit.
func (s *Server) Allow(w http.ResponseWriter, d ratelimit.Decision) error {
	d.SetHeader(w.Header())
	if d.Allowed {
		return nil
	}
	s.refused.Add(1)
	return &fault.Error{Kind: fault.TooMany, Message: "These are too many requests in a short time. Please wait a moment.", RetryAfter: d.Reset}
}
