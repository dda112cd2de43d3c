// Package admin is administration, by the API as by pages: users, sessions, the trail,
// the queue and the settings. All of it needs an admin.
package admin

import (
	"ret/server/httpapi/chain"
	"ret/server/httpapi/work"
)

// Server has the room's handlers. It may be used concurrently.
type Server struct{ *work.Server }

// New makes a server over what all rooms share.
func New(shared *work.Server) *Server { return &Server{shared} }

// Routes are for administration: all of them need an admin.
func (s *Server) Routes() chain.Routes {
	return chain.Routes{
		"GET /api/v1/admin/users":             s.Admin(s.listUsers),
		"POST /api/v1/admin/users":            s.Admin(s.addUser),
		"PATCH /api/v1/admin/users/{id}":      s.Admin(s.changeUser),
		"DELETE /api/v1/admin/users/{id}":     s.Admin(s.removeUser),
		"POST /api/v1/admin/users/{id}/reset": s.Admin(s.resetUser),
		"GET /api/v1/admin/sessions":          s.Admin(s.listAllSessions),
		"DELETE /api/v1/admin/sessions/{id}":  s.Admin(s.endAnySession),
		"GET /api/v1/admin/audit":             s.Admin(s.listAudit),
		"GET /api/v1/admin/stats":             s.Admin(s.stats),
		"GET /admin":                          s.Admin(s.adminHome),
		"GET /admin/users":                    s.Admin(s.usersPage),
		"POST /admin/users":                   s.Admin(s.usersForm),
		"GET /admin/sessions":                 s.Admin(s.sessionsPage),
		"POST /admin/sessions":                s.Admin(s.sessionsForm),
		"GET /admin/queue":                    s.Admin(s.queuePage),
		"GET /admin/audit":                    s.Admin(s.auditPage),
		"GET /admin/settings":                 s.Admin(s.settingsPage),
	}
}
