package httpapi

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"ret/server/session"
	"ret/server/store"
	"ret/web/asset"
	"ret/web/page"
	"ret/web/view"
)

// frame adds to a page's frame what it has in common with all others.
func (s *Server) frame(r *http.Request, f page.Frame) page.Frame {
	f.Assets = s.assets()
	if who, ok := r.Context().Value(keyIdentity).(*identity); ok && who.err == nil && f.Viewer == nil {
		f.Viewer = viewerOf(who.session)
	}
	if f.Notice == nil {
		f.Notice = noticeOf(r)
	}
	return f
}

// assets are the addresses of what every page loads.
func (s *Server) assets() page.Assets {
	return page.Assets{
		Stylesheet: s.Assets.URL(asset.Stylesheet), Theme: s.Assets.URL(asset.Theme),
		Script: s.Assets.URL(asset.Script), Icon: s.Assets.URL(asset.Icon),
	}
}

func viewerOf(current session.Session) *page.Viewer {
	return &page.Viewer{
		Name: current.User.Name, Admin: current.User.Role == store.RoleAdmin,
		Now: time.Now().UTC(), ExpiresAt: current.ExpiresAt.UTC(),
	}
}

// workFrame is frame for a page over a workspace: with what the session holds,
// and the place from which its live channel goes on. It comes before the
// content is read, so that a change in between is heard of again, not missed.
func (s *Server) workFrame(c *call, f page.Frame) (page.Frame, error) {
	var err error
	if f.Live, err = view.Live(c.r.Context(), c.Workspace); err != nil {
		return f, err
	}
	f.Viewer = viewerOf(c.session)
	f.Viewer.Holdings, err = view.Holdings(c.r.Context(), c.Workspace)
	return s.frame(c.r, f), err
}

// What a form did travels to the page that it redirects to in the query.
const (
	queryDone  = "done"
	queryWrong = "wrong"
)

func noticeOf(r *http.Request) *page.Notice {
	q := r.URL.Query()
	if text := q.Get(queryWrong); text != "" {
		return &page.Notice{Wrong: true, Text: text}
	}
	if text := q.Get(queryDone); text != "" {
		return &page.Notice{Text: text}
	}
	return nil
}

// back redirects to a page of this server with a notice; no text, no notice.
func back(w http.ResponseWriter, r *http.Request, path, key, text string) error {
	if text != "" {
		path += "?" + url.Values{key: {text}}.Encode()
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// signInURL is the sign-in page that leads back to what was asked for.
func signInURL(r *http.Request) string {
	if r.Method != http.MethodGet || r.URL.Path == "/" {
		return "/login"
	}
	return "/login?" + url.Values{"next": {r.URL.RequestURI()}}.Encode()
}

// localPath returns next if it is a path of this server, else "/". What begins
// with two slashes, or a slash and a backslash, is another server to browsers.
func localPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}
