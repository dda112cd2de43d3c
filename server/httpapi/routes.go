package httpapi

import (
	"net/http"

	"ret/web/asset"
)

type route struct {
	pattern string
	handler http.Handler
}

// routes is the site map.
func (s *Server) routes() []route {
	return []route{
		{"GET /healthz", s.plain(s.healthy)},
		{"GET /readyz", s.plain(s.ready)},
		{"GET " + asset.Prefix, s.Assets},
		{"GET " + asset.ManifestPath, s.plain(s.manifest)},
		{"GET " + asset.ShellPath, s.plain(s.shellPage)},
		{"GET " + asset.ServiceWorkerPath, s.plain(s.serviceWorker)},

		{"GET /api/openapi.json", s.plain(s.describeAPI)},
		{"POST /api/v1/login", s.plain(s.login)},
		{"GET /api/v1/session", s.signedIn(s.currentSession)},
		{"GET /api/v1/viewer", s.signedIn(s.viewer)},
		{"POST /api/v1/logout", s.signedIn(s.logout)},
		{"GET /api/v1/sessions", s.signedIn(s.listSessions)},
		{"DELETE /api/v1/sessions", s.signedIn(s.endOtherSessions)},
		{"DELETE /api/v1/sessions/{id}", s.signedIn(s.endSession)},
		{"POST /api/v1/password", s.signedIn(s.changePassword)},

		{"POST /api/v1/files", s.working(s.upload)},
		{"GET /api/v1/files", s.working(s.listFiles)},
		{"GET /api/v1/files/{id}", s.working(s.getFile)},
		{"GET /api/v1/files/{id}/content", s.working(s.fileContent)},
		{"DELETE /api/v1/files/{id}", s.working(s.deleteFile)},

		{"GET /api/v1/uploads/{id}", s.working(s.uploadOffset)},
		{"PATCH /api/v1/uploads/{id}", s.working(s.appendPiece)},
		{"POST /api/v1/uploads/{id}", s.working(s.completeUpload)},
		{"DELETE /api/v1/uploads/{id}", s.working(s.giveUpUpload)},

		{"GET /api/v1/files/{id}/inspect", s.working(s.inspectFile)},
		{"GET /api/v1/recipe", s.signedIn(s.recipe)},

		{"POST /api/v1/jobs", s.working(s.submitJob)},
		{"GET /api/v1/jobs", s.working(s.listJobs)},
		{"GET /api/v1/jobs/{id}", s.working(s.getJob)},
		{"POST /api/v1/jobs/{id}/cancel", s.working(s.cancelJob)},
		{"POST /api/v1/jobs/{id}/retry", s.working(s.retryJob)},

		{"GET /api/v1/tables", s.working(s.listTables)},
		{"GET /api/v1/tables/{id}", s.working(s.getTable)},
		{"GET /api/v1/tables/{id}/rows", s.working(s.tableRows)},
		{"GET /api/v1/tables/{id}/content", s.working(s.tableContent)},
		{"GET /api/v1/export", s.working(s.export)},

		{"GET /api/v1/cache", s.working(s.cacheStats)},
		{"DELETE /api/v1/cache", s.working(s.deleteEntries)},
		{"PUT /api/v1/cache/{key}", s.working(s.putEntry)},
		{"GET /api/v1/cache/{key}", s.working(s.getEntry)},
		{"DELETE /api/v1/cache/{key}", s.working(s.deleteEntry)},

		{"GET /api/v1/live", s.plain(s.live)},

		{"GET /api/v1/admin/users", s.admin(s.listUsers)},
		{"POST /api/v1/admin/users", s.admin(s.addUser)},
		{"PATCH /api/v1/admin/users/{id}", s.admin(s.changeUser)},
		{"DELETE /api/v1/admin/users/{id}", s.admin(s.removeUser)},
		{"POST /api/v1/admin/users/{id}/reset", s.admin(s.resetUser)},
		{"GET /api/v1/admin/sessions", s.admin(s.listAllSessions)},
		{"DELETE /api/v1/admin/sessions/{id}", s.admin(s.endAnySession)},
		{"GET /api/v1/admin/audit", s.admin(s.listAudit)},
		{"GET /api/v1/admin/stats", s.admin(s.stats)},

		{"GET /login", s.plain(s.signInPage)},
		{"POST /login", s.plain(s.signInForm)},
		{"GET /logout", s.working(s.signOutPage)},
		{"POST /logout", s.signedIn(s.signOutForm)},
		{"GET /signed-out", s.plain(s.signedOutPage)},
		{"GET /{$}", s.working(s.workPage)},
		{"POST /{$}", s.working(s.workbenchForm)},
		{"GET /files/{id}", s.working(s.lookPage)},
		{"POST /files/{id}", s.working(s.lookForm)},
		{"GET /jobs", s.working(s.workPage)},
		{"POST /jobs", s.working(s.jobForm)},
		{"GET /jobs/{id}", s.working(s.workPage)},
		{"POST /jobs/{id}", s.working(s.jobForm)},
		{"GET /tables/{id}", s.working(s.workPage)},
		{"GET /search", s.working(s.workPage)},
		{"GET /account", s.working(s.accountPage)},
		{"POST /account", s.working(s.accountForm)},
		{"GET /admin", s.admin(s.adminHome)},
		{"GET /admin/users", s.admin(s.usersPage)},
		{"POST /admin/users", s.admin(s.usersForm)},
		{"GET /admin/sessions", s.admin(s.sessionsPage)},
		{"POST /admin/sessions", s.admin(s.sessionsForm)},
		{"GET /admin/queue", s.admin(s.queuePage)},
		{"GET /admin/audit", s.admin(s.auditPage)},
		{"GET /admin/settings", s.admin(s.settingsPage)},
		{"GET /reset/{token}", s.plain(s.resetPage)},
		{"POST /reset/{token}", s.plain(s.resetForm)},
	}
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
