package httpapi

// adminRoutes are for administration: all of them need an admin.
func (s *Server) adminRoutes() []route {
	return []route{
		{"GET /api/v1/admin/users", s.admin(s.listUsers)},
		{"POST /api/v1/admin/users", s.admin(s.addUser)},
		{"PATCH /api/v1/admin/users/{id}", s.admin(s.changeUser)},
		{"DELETE /api/v1/admin/users/{id}", s.admin(s.removeUser)},
		{"POST /api/v1/admin/users/{id}/reset", s.admin(s.resetUser)},
		{"GET /api/v1/admin/sessions", s.admin(s.listAllSessions)},
		{"DELETE /api/v1/admin/sessions/{id}", s.admin(s.endAnySession)},
		{"GET /api/v1/admin/audit", s.admin(s.listAudit)},
		{"GET /api/v1/admin/stats", s.admin(s.stats)},
		{"GET /admin", s.admin(s.adminHome)},
		{"GET /admin/users", s.admin(s.usersPage)},
		{"POST /admin/users", s.admin(s.usersForm)},
		{"GET /admin/sessions", s.admin(s.sessionsPage)},
		{"POST /admin/sessions", s.admin(s.sessionsForm)},
		{"GET /admin/queue", s.admin(s.queuePage)},
		{"GET /admin/audit", s.admin(s.auditPage)},
		{"GET /admin/settings", s.admin(s.settingsPage)},
	}
}
