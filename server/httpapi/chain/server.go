// Package chain is what every request passes before its handler, with what that is
// given and how it answers.
//
// A request gets an id, a line in the log, security headers, a check of its origin, its
// rate and its session. A handler then reads as decode, ask, answer, and returns an
// error for everything that went wrong; problem.go alone turns kinds of errors into
// statuses, as problem+json for the API and as a page for people.
package chain

import (
	"log/slog"
	"net/http"
	"sync/atomic"

	"ret/server/account"
	"ret/server/config"
	"ret/server/jobs"
	"ret/server/live"
	"ret/server/queries"
	"ret/server/queue"
	"ret/server/ratelimit"
	"ret/server/session"
	"ret/server/workspaces"
	"ret/web/asset"
)

// Parts are what a Server works with; all of them are needed.
type Parts struct {
	Config     config.Config
	Settings   []config.InForce // for the admin page
	Version    string
	Log        *slog.Logger
	Accounts   *account.Accounts
	Sessions   *session.Registry
	Workspaces *workspaces.Registry
	Queue      *queue.Queue
	Hub        *live.Hub
	Limits     *ratelimit.Buckets
	Assets     *asset.Set
	Inspector  *jobs.Inspector
	Queries    *queries.Queries
	Asking     *jobs.Asking // nil: no questions are answered
	Embedding  string       // the endpoint that cells are sent to for search by meaning; "": none
}

// Server is what a handler of any room works with. It may be used concurrently.
type Server struct {
	Parts
	Cookies session.Cookies
	proxies ratelimit.Proxies
	paces   paces
	refused atomic.Int64
}

// New makes a server over its parts.
func New(p Parts) *Server {
	return &Server{
		Parts:   p,
		Cookies: session.Cookies{Secure: p.Config.Secure(), MaxAge: p.Config.SessionMaxAge},
		proxies: p.Config.TrustedProxies, paces: defaultPaces,
	}
}

// Refused counts the requests that were over a rate limit.
func (s *Server) Refused() int64 { return s.refused.Load() }

// Routes are addresses, as "GET /api/v1/files/{id}", and what answers there.
type Routes map[string]http.Handler

// Handler is the chain with routes at its end.
func (s *Server) Handler(routes Routes) http.Handler {
	mux := http.NewServeMux()
	for pattern, handler := range routes {
		mux.Handle(pattern, handler)
	}
	return s.chain(s.route(mux))
}

// route hands a request to its route. Where an address has no such method it says
// which it has; the mux would do so in its own words.
func (s *Server) route(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refusal, pattern := mux.Handler(r)
		noteRoute(r, pattern)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		said := headerOnly{}
		refusal.ServeHTTP(said, r)
		if allowed := said.Header().Get("Allow"); allowed != "" {
			w.Header().Set("Allow", allowed)
			s.fail(w, r, errWrongMethod)
			return
		}
		s.fail(w, r, errUnknown)
	})
}

// headerOnly takes the header of an answer and drops the rest.
type headerOnly http.Header

func (h headerOnly) Header() http.Header { return http.Header(h) }

func (headerOnly) Write(p []byte) (int, error) { return len(p), nil }

func (headerOnly) WriteHeader(int) {}
