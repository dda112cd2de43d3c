package chain

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"

	"ret/shared/fault"
)

// chain is what every request passes, outermost first.
func (s *Server) chain(next http.Handler) http.Handler {
	next = s.admit(next)
	next = s.crossOrigin(next)
	next = s.secure(next)
	next = s.observe(next)
	return identify(next)
}

type contextKey int

const (
	keyRequestID contextKey = iota
	keyIdentity
	keyRoute
)

// identify gives each request an id for the log. One that the client sends is
// not taken: it could be made to look like something else there.
func identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := uuid.NewString()
		w.Header().Set("X-Request-Id", id)
		ctx := context.WithValue(r.Context(), keyRequestID, id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(ctx, keyRoute, new(string))))
	})
}

func requestID(r *http.Request) string {
	id, _ := r.Context().Value(keyRequestID).(string)
	return id
}

// observe logs a line a request, keeps it moving, and turns a panic into an answer;
// where one has begun, only breaking it off says that it is not whole.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		rec := s.record(w, r)
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				s.Log.Error("handler panicked", "request", requestID(r), "panic", p, "stack", string(debug.Stack()))
				if rec.begun() {
					panic(http.ErrAbortHandler)
				}
				s.fail(rec, r, fmt.Errorf("panic: %v", p))
			}
			rec.finish()
			s.logRequest(r, rec, time.Since(began))
		}()
		next.ServeHTTP(rec, r)
	})
}

// noteRoute tells the log which route a request has taken: those that the chain
// hands on are copies, so what the mux writes into one is not seen outside.
func noteRoute(r *http.Request, pattern string) {
	if route, ok := r.Context().Value(keyRoute).(*string); ok {
		*route = pattern
	}
}

func routeOf(r *http.Request) string {
	route, _ := r.Context().Value(keyRoute).(*string)
	if route == nil || *route == "" {
		return "none"
	}
	return *route
}

// logRequest names the route, never the path, which may hold a cache key.
func (s *Server) logRequest(r *http.Request, rec *recorder, took time.Duration) {
	s.Log.LogAttrs(r.Context(), slog.LevelDebug, "request",
		slog.String("request", requestID(r)), slog.String("route", routeOf(r)),
		slog.String("method", r.Method), slog.Int("status", rec.status), slog.Duration("took", took))
}

// contentPolicy lets a page load what this server serves and nothing else; no
// inline code, and HTML reaches the page through one Trusted Types policy only.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"font-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; " +
	"require-trusted-types-for 'script'; trusted-types ret-fragment ret-script"

// secure sets the headers that hold for every answer; handlers may tighten them.
func (s *Server) secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		if s.Config.Secure() {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// crossOrigin refuses writes that another origin's page makes.
func (s *Server) crossOrigin(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	if s.Config.PublicURL != nil {
		// A proxy may hide the host that the browser sees.
		if err := guard.AddTrustedOrigin(strings.TrimSuffix(s.Config.PublicURL.String(), "/")); err != nil {
			panic(err) // config checks the address
		}
	}
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, fault.New(fault.Denied, "This request came from another site and was refused."))
	}))
	return guard.Handler(next)
}
