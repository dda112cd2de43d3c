package pages

import (
	"bytes"
	"context"
	"net/http"

	"github.com/a-h/templ"

	"ret/web/asset"
	"ret/web/page"
)

// shellPage is the page that browsers keep to begin with where no server answers.
func (s *Server) shellPage(w http.ResponseWriter, r *http.Request) error {
	s.Render(w, r, http.StatusOK, s.opening())
	return nil
}

func (s *Server) opening() templ.Component {
	return page.Opening(page.Frame{Title: "Opening", Assets: s.PageAssets()})
}

// serviceWorker is the script that keeps the shell. Browsers ask for it anew each
// time, and take its content for the version.
func (s *Server) serviceWorker(w http.ResponseWriter, _ *http.Request) error {
	var shell bytes.Buffer
	if err := s.opening().Render(context.Background(), &shell); err != nil {
		return err
	}
	script, err := s.Assets.ServiceWorker(shell.Bytes())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", asset.ServiceWorkerPolicy)
	return writePlain(w, "text/javascript; charset=utf-8", script)
}

func (s *Server) manifest(w http.ResponseWriter, _ *http.Request) error {
	text, err := s.Assets.Manifest()
	if err != nil {
		return err
	}
	return writePlain(w, "application/manifest+json", text)
}

// writePlain answers with a file that belongs to nobody and may be kept, but not
// used without asking.
func writePlain(w http.ResponseWriter, mediaType string, content []byte) error {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(content) // a client that goes away is no failure of ours
	return nil
}
