// Package api is the JSON API: decode, ask, answer, one file a noun.
//
// What a form of a page does as well stands in package work.
package api

import (
	"ret/server/httpapi/chain"
	"ret/server/httpapi/work"
)

// Server has the room's handlers. It may be used concurrently.
type Server struct{ *work.Server }

// New makes a server over what all rooms share.
func New(shared *work.Server) *Server { return &Server{shared} }

// Routes are those of the API.
func (s *Server) Routes() chain.Routes {
	return chain.Routes{
		"POST /api/v1/login":                      s.Plain(s.login),
		"GET /api/v1/session":                     s.SignedIn(s.currentSession),
		"GET /api/v1/viewer":                      s.Working(s.viewer),
		"POST /api/v1/logout":                     s.SignedIn(s.logout),
		"GET /api/v1/sessions":                    s.SignedIn(s.listSessions),
		"DELETE /api/v1/sessions":                 s.SignedIn(s.endOtherSessions),
		"DELETE /api/v1/sessions/{id}":            s.SignedIn(s.endSession),
		"POST /api/v1/password":                   s.SignedIn(s.changePassword),
		"POST /api/v1/files":                      s.Working(s.upload),
		"GET /api/v1/files":                       s.Working(s.listFiles),
		"GET /api/v1/files/{id}":                  s.Working(s.getFile),
		"GET /api/v1/files/{id}/content":          s.Working(s.fileContent),
		"DELETE /api/v1/files/{id}":               s.Working(s.deleteFile),
		"GET /api/v1/uploads/{id}":                s.Working(s.uploadOffset),
		"PATCH /api/v1/uploads/{id}":              s.Working(s.appendPiece),
		"POST /api/v1/uploads/{id}":               s.Working(s.completeUpload),
		"DELETE /api/v1/uploads/{id}":             s.Working(s.giveUpUpload),
		"GET /api/v1/files/{id}/inspect":          s.Working(s.inspectFile),
		"POST /api/v1/recipe":                     s.SignedIn(s.recipe),
		"POST /api/v1/jobs":                       s.Working(s.submitJob),
		"GET /api/v1/jobs":                        s.Working(s.listJobs),
		"GET /api/v1/jobs/{id}":                   s.Working(s.getJob),
		"GET /api/v1/jobs/{id}/recipe":            s.Working(s.jobRecipe),
		"POST /api/v1/jobs/{id}/cancel":           s.Working(s.cancelJob),
		"POST /api/v1/jobs/{id}/retry":            s.Working(s.retryJob),
		"GET /api/v1/tables":                      s.Working(s.listTables),
		"GET /api/v1/tables/{id}":                 s.Working(s.getTable),
		"GET /api/v1/tables/{id}/rows":            s.Working(s.tableRows),
		"GET /api/v1/tables/{id}/profile":         s.Working(s.tableProfile),
		"GET /api/v1/tables/{id}/values":          s.Working(s.tableValues),
		"GET /api/v1/tables/{id}/content":         s.Working(s.tableContent),
		"PUT /api/v1/tables/{id}/layout":          s.Working(s.layOutTable),
		"GET /api/v1/tables/{id}/rows/{n}/source": s.Working(s.rowSource),
		"POST /api/v1/query":                      s.Working(s.query),
		"GET /api/v1/search":                      s.Working(s.search),
		"GET /api/v1/export":                      s.Working(s.export),
		"GET /api/v1/cache":                       s.Working(s.cacheStats),
		"DELETE /api/v1/cache":                    s.Working(s.deleteEntries),
		"PUT /api/v1/cache/{key}":                 s.Working(s.putEntry),
		"GET /api/v1/cache/{key}":                 s.Working(s.getEntry),
		"DELETE /api/v1/cache/{key}":              s.Working(s.deleteEntry),
		"POST /api/v1/ask":                        s.Working(s.ask),
		"GET /api/v1/consent":                     s.Working(s.consent),
		"PUT /api/v1/consent":                     s.Working(s.setConsent),
		"GET /api/v1/live":                        s.Plain(s.live),
	}
}
