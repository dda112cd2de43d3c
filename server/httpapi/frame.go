package httpapi

import (
	"errors"
	"fmt"
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
		f.Viewer = s.facts(who.session).Viewer(time.Now())
	}
	if f.Notice == nil {
		f.Notice = view.Notice(r.URL.Query())
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

// facts are what pages of a session show beside what it holds.
func (s *Server) facts(current session.Session) view.Facts {
	return view.Facts{
		Name: current.User.Name, Admin: current.User.Role == store.RoleAdmin, ExpiresAt: current.ExpiresAt.UTC(),
		Unused: int64(current.Idle.Seconds()), EndsBy: current.EndsBy.UTC(), Offline: current.Offline,
		FileBytes: s.Config.MaxUploadBytes, Convert: s.conversionLimits(), Assets: s.assets(),
		SaidAt: time.Now().UTC(),
	}
}

// workFrame is frame for a page over a workspace that only the server draws.
func (s *Server) workFrame(c *call, f page.Frame) (page.Frame, error) {
	f, err := view.Frame(c.r.Context(), c.Workspace, f, s.facts(c.session), time.Now())
	return s.frame(c.r, f), err
}

// back redirects to a page of this server with a notice; no code, no notice.
func back(w http.ResponseWriter, r *http.Request, path, key string, code view.Code) error {
	if code != "" {
		path += "?" + url.Values{key: {string(code)}}.Encode()
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// signInURL is the sign-in page that leads back to what was asked for, and says why
// the session is no more.
func (s *Server) signInURL(r *http.Request) string {
	query := url.Values{}
	if r.Method == http.MethodGet && r.URL.Path != "/" {
		query.Set("next", r.URL.RequestURI())
	}
	if code := s.howEnded(r); code != "" {
		query.Set(view.QueryEnded, string(code))
	}
	if len(query) == 0 {
		return "/login"
	}
	return "/login?" + query.Encode()
}

// howEnded is the code of why the session that a browser still has is no more; ""
// if it has none, or one that lives.
func (s *Server) howEnded(r *http.Request) view.Code {
	_, err := resolve(r)
	var ended *session.EndedError
	switch {
	case errors.As(err, &ended):
		return view.Code(ended.Reason)
	case errors.Is(err, session.ErrSignedOut) && s.cookies.Read(r).Token != "":
		return view.EndedSomehow
	}
	return ""
}

// localPath returns next if it is a path of this server, else "/". What begins
// with two slashes, or a slash and a backslash, is another server to browsers.
func localPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}

// conversionLimits are those of the server's jobs, as the browser's converter
// takes them.
func (s *Server) conversionLimits() string {
	return fmt.Sprintf(`{"files":%d,"depth":%d,"ratio":%d,"columns":%d,"output_ratio":%d}`,
		s.Config.MaxArchiveFiles, s.Config.MaxArchiveDepth, s.Config.MaxArchiveRatio, s.Config.MaxColumns, s.Config.MaxOutputRatio)
}
