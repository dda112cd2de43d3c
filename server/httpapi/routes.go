package httpapi

import (
	"maps"
	"net/http"
	"slices"

	"ret/server/httpapi/admin"
	"ret/server/httpapi/api"
	"ret/server/httpapi/chain"
	"ret/server/httpapi/pages"
	"ret/server/httpapi/work"
	"ret/web/asset"
)

// Parts are what a Server works with; all of them are needed.
type Parts = chain.Parts

// Server answers HTTP requests.
type Server struct{ *work.Server }

// New makes a server over its parts.
func New(p Parts) *Server { return &Server{work.New(p)} }

// Handler is the whole outside.
func (s *Server) Handler() http.Handler { return s.Server.Handler(s.routes()) }

// routes is the site map: each room lists its own.
func (s *Server) routes() chain.Routes {
	all := chain.Routes{
		"GET /healthz":          s.Plain(s.healthy),
		"GET /readyz":           s.Plain(s.ready),
		"GET " + asset.Prefix:   s.Assets,
		"GET /api/openapi.json": s.Plain(s.describeAPI),
	}
	maps.Copy(all, api.New(s.Server).Routes())
	maps.Copy(all, pages.New(s.Server).Routes())
	maps.Copy(all, admin.New(s.Server).Routes())
	return all
}

// Patterns are those of all routes, as "GET /api/v1/files/{id}": tests hold their
// tables of rights against it.
func Patterns() []string {
	return slices.Sorted(maps.Keys(New(Parts{Assets: &asset.Set{}}).routes()))
}
