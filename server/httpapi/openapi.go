package httpapi

import (
	_ "embed"
	"net/http"
)

// openAPI describes the API; tests hold it against the routes and against real
// answers.
//
//go:embed openapi.json
var openAPI []byte

func (s *Server) describeAPI(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(openAPI) // the client may be gone
	return nil
}
