package httpapi

import (
	"context"
	"net/http"
	"net/netip"

	"ret/server/session"
	"ret/server/store"
	"ret/server/workspaces"
	"ret/shared/fault"
)

// call is a request of someone who is signed in.
type call struct {
	w       http.ResponseWriter
	r       *http.Request
	session session.Session
	*workspaces.Open
}

// plain is a handler that needs no session.
func (s *Server) plain(h func(w http.ResponseWriter, r *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// signedIn is a handler that needs a session, but not what it holds.
func (s *Server) signedIn(h func(c *call) error) http.Handler {
	return s.plain(func(w http.ResponseWriter, r *http.Request) error {
		current, err := resolve(r)
		if err != nil {
			return err
		}
		return h(&call{w: w, r: r, session: current})
	})
}

// working is a handler that works with what a session holds.
func (s *Server) working(h func(c *call) error) http.Handler {
	return s.signedIn(func(c *call) error {
		open, release, err := s.Workspaces.Use(c.r.Context(), c.session.ID)
		if err != nil {
			return err
		}
		defer release()
		c.Open = open
		return h(c)
	})
}

// admin is a handler for admins alone.
func (s *Server) admin(h func(c *call) error) http.Handler {
	return s.signedIn(func(c *call) error {
		if c.session.User.Role != store.RoleAdmin {
			return fault.New(fault.Denied, "Only an admin may do this.")
		}
		return h(c)
	})
}

// resolve returns the session that a request belongs to.
func resolve(r *http.Request) (session.Session, error) {
	who := whoIs(r)
	return who.session, who.err
}

// whoIs is what admit has found out.
func whoIs(r *http.Request) *identity { return r.Context().Value(keyIdentity).(*identity) }

// untilEnded cuts a long request off when its session ends: what is still to be
// read or written fails, and what has not left the machine is dropped. The returned function ends the watch.
func (c *call) untilEnded() (stop func()) {
	ctx, cancel := context.WithCancel(c.r.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-c.session.Ended():
			recorderOf(c.w).flow.end()
		case <-ctx.Done():
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// addressOf is the address that a request comes from.
func (s *Server) addressOf(r *http.Request) netip.Addr {
	if client := s.proxies.Client(r); client.IsValid() {
		return client
	}
	return netip.IPv4Unspecified()
}
