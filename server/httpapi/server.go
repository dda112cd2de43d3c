package httpapi

import (
	"log/slog"
	"net/http"
	"sync/atomic"

	"ret/server/account"
	"ret/server/config"
	"ret/server/jobs"
	"ret/server/live"
	"ret/server/queue"
	"ret/server/ratelimit"
	"ret/server/session"
	"ret/server/workspaces"
	"ret/shared/tablefile"
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
}

// Server answers HTTP requests.
type Server struct {
	Parts
	views   *tablefile.Views // of all sessions
	cookies session.Cookies
	proxies ratelimit.Proxies
	paces   paces
	refused atomic.Int64
	proofs  proofs
}

// New makes a server over its parts.
func New(p Parts) *Server {
	return &Server{
		Parts:   p,
		cookies: session.Cookies{Secure: p.Config.Secure(), MaxAge: p.Config.SessionMaxAge},
		proxies: p.Config.TrustedProxies, paces: defaultPaces,
		views: tablefile.NewViews(viewBytes),
	}
}

// Refused counts the requests that were over a rate limit.
func (s *Server) Refused() int64 { return s.refused.Load() }

// Handler is the whole outside.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, route := range s.routes() {
		mux.Handle(route.pattern, route.handler)
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

func (h headerOnly) Header() http.Header       { return http.Header(h) }
func (headerOnly) Write(p []byte) (int, error) { return len(p), nil }
func (headerOnly) WriteHeader(int)             {}
