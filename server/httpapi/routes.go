package httpapi

import (
	"slices"

	"ret/web/asset"
)

// routes is the site map: each room lists its own.
func (s *Server) routes() []route {
	own := []route{
		{"GET /healthz", s.plain(s.healthy)},
		{"GET /readyz", s.plain(s.ready)},
		{"GET " + asset.Prefix, s.Assets},
		{"GET /api/openapi.json", s.plain(s.describeAPI)},
	}
	return slices.Concat(own, s.apiRoutes(), s.pageRoutes(), s.adminRoutes())
}

// Patterns are those of all routes, as "GET /api/v1/files/{id}": tests hold their
// tables of rights against it.
func Patterns() []string {
	var patterns []string
	for _, r := range (&Server{Parts: Parts{Assets: &asset.Set{}}}).routes() {
		patterns = append(patterns, r.pattern)
	}
	return patterns
}
