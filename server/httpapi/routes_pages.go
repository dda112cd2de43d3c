package httpapi

import "ret/web/asset"

// pageRoutes are those of the pages and their forms, with what a browser asks for by itself.
func (s *Server) pageRoutes() []route {
	return []route{
		{"GET " + asset.ManifestPath, s.plain(s.manifest)},
		{"GET " + asset.ShellPath, s.plain(s.shellPage)},
		{"GET " + asset.ServiceWorkerPath, s.plain(s.serviceWorker)},
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
		{"GET /reset/{token}", s.plain(s.resetPage)},
		{"POST /reset/{token}", s.plain(s.resetForm)},
	}
}
