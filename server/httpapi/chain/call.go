package chain

import (
	"context"
	"net/http"
	"net/netip"

	"ret/server/session"
	"ret/server/store"
	"ret/server/workspaces"
	"ret/shared/fault"
)

// Call is a request of someone who is signed in.
type Call struct {
	W       http.ResponseWriter
	R       *http.Request
	Session session.Session
	*workspaces.Open
}

// Plain is a handler that needs no session.
func (s *Server) Plain(h func(w http.ResponseWriter, r *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// SignedIn is a handler that needs a session, but not what it holds.
func (s *Server) SignedIn(h func(c *Call) error) http.Handler {
	return s.Plain(func(w http.ResponseWriter, r *http.Request) error {
		current, err := Resolve(r)
		if err != nil {
			return err
		}
		return h(&Call{W: w, R: r, Session: current})
	})
}

// Working is a handler that works with what a session holds.
func (s *Server) Working(h func(c *Call) error) http.Handler {
	return s.SignedIn(func(c *Call) error {
		open, release, err := s.Workspaces.Use(c.R.Context(), c.Session.ID)
		if err != nil {
			return err
		}
		defer release()
		c.Open = open
		return h(c)
	})
}

// Admin is a handler for admins alone.
func (s *Server) Admin(h func(c *Call) error) http.Handler {
	return s.SignedIn(func(c *Call) error {
		if c.Session.User.Role != store.RoleAdmin {
			return fault.New(fault.Denied, "Only an admin may do this.")
		}
		return h(c)
	})
}

// Resolve returns the session that a request belongs to.
func Resolve(r *http.Request) (session.Session, error) {
	who := WhoIs(r)
	return who.session, who.err
}

// WhoIs is what admit has found out.
func WhoIs(r *http.Request) *identity { return r.Context().Value(keyIdentity).(*identity) }

// UntilEnded cuts a long request off when its session ends: what is still to be
// read or written fails, and what has not left the machine is dropped. The returned function ends the watch.
func (c *Call) UntilEnded() (stop func()) {
	ctx, cancel := context.WithCancel(c.R.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-c.Session.Ended():
			RecorderOf(c.W).Flow.end()
		case <-ctx.Done():
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// WhileSession is the request's context, which is also done when its session ends.
func (c *Call) WhileSession() (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(c.R.Context())
	unwatch := make(chan struct{})
	go func() {
		defer close(unwatch)
		select {
		case <-c.Session.Ended():
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		cancel()
		<-unwatch
	}
}

// AddressOf is the address that a request comes from.
func (s *Server) AddressOf(r *http.Request) netip.Addr {
	if client := s.proxies.Client(r); client.IsValid() {
		return client
	}
	return netip.IPv4Unspecified()
}
