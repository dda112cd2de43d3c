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
	cfg     config.Config
	log     *slog.Logger
	cookies session.Cookies
	proxies ratelimit.Proxies
	paces   paces
	refused atomic.Int64
	proofs  proofs
}

// New makes a server over its parts.
func New(p Parts) *Server {
	return &Server{
		Parts: p, cfg: p.Config, log: p.Log,
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
	return s.chain(mux)
}
