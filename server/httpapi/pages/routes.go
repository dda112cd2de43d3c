// Package pages is what people see of their own: the pages, which a browser without
// JavaScript gets, with their forms.
package pages

import (
	"ret/server/httpapi/chain"
	"ret/server/httpapi/work"
	"ret/web/asset"
	"ret/web/view"
)

// Server has the room's handlers. It may be used concurrently.
type Server struct{ *work.Server }

// New makes a server over what all rooms share.
func New(shared *work.Server) *Server { return &Server{shared} }

// Routes are those of the pages and their forms, with what a browser asks for by itself.
func (s *Server) Routes() chain.Routes {
	routes := chain.Routes{
		"GET " + asset.ManifestPath:      s.Plain(s.manifest),
		"GET " + asset.ShellPath:         s.Plain(s.shellPage),
		"GET " + asset.ServiceWorkerPath: s.Plain(s.serviceWorker),
		"GET /login":                     s.Plain(s.signInPage),
		"POST /login":                    s.Plain(s.signInForm),
		"GET /logout":                    s.Working(s.signOutPage),
		"POST /logout":                   s.SignedIn(s.signOutForm),
		"GET /signed-out":                s.Plain(s.signedOutPage),
		"POST /{$}":                      s.Working(s.workbenchForm),
		"GET /files/{id}":                s.Working(s.lookPage),
		"POST /files/{id}":               s.Working(s.lookForm),
		"POST /search":                   s.Working(s.searchForm),
		"POST /query":                    s.Working(s.queryForm),
		"POST /tables/{id}":              s.Working(s.tableForm),
		"GET /ask":                       s.Working(s.askPage),
		"POST /ask":                      s.Working(s.askForm),
		"POST /jobs":                     s.Working(s.jobForm),
		"POST /jobs/{id}":                s.Working(s.jobForm),
		"GET /account":                   s.Working(s.accountPage),
		"POST /account":                  s.Working(s.accountForm),
		"GET /reset/{token}":             s.Plain(s.resetPage),
		"POST /reset/{token}":            s.Plain(s.resetForm),
	}
	for _, pattern := range view.Patterns() {
		routes["GET "+pattern] = s.Working(s.workPage)
	}
	return routes
}
