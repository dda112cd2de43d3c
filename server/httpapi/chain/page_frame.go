package chain

import (
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ret/server/account"
	"ret/server/session"
	"ret/server/store"
	"ret/shared/fault"
	"ret/shared/workspace"
	"ret/web/asset"
	"ret/web/page"
	"ret/web/view"
)

// Frame adds to a page's frame what it has in common with all others.
func (s *Server) Frame(r *http.Request, f page.Frame) page.Frame {
	f.Assets = s.PageAssets()
	if who, ok := r.Context().Value(keyIdentity).(*identity); ok && who.err == nil && f.Viewer == nil {
		f.Viewer = s.Facts(who.session).Viewer(time.Now())
	}
	if f.Notice == nil {
		f.Notice = view.Notice(r.URL.Query())
	}
	return f
}

// PageAssets are the addresses of what every page loads.
func (s *Server) PageAssets() page.Assets {
	return page.Assets{
		Stylesheet: s.Assets.URL(asset.Stylesheet), Theme: s.Assets.URL(asset.Theme),
		Script: s.Assets.URL(asset.Script), Icon: s.Assets.URL(asset.Icon),
	}
}

// Facts are what pages of a session show beside what it holds.
func (s *Server) Facts(current session.Session) view.Facts {
	return view.Facts{
		Name: current.User.Name, Admin: current.User.Role == store.RoleAdmin, ExpiresAt: current.ExpiresAt.UTC(),
		Unused: int64(current.Idle.Seconds()), EndsBy: current.EndsBy.UTC(), Offline: current.Offline,
		FileBytes: s.Config.MaxUploadBytes, Convert: s.conversionLimits(), Assets: s.PageAssets(),
		SaidAt: time.Now().UTC(), Asks: s.Asking != nil, Tour: !current.User.Toured,
	}
}

// WorkFacts are Facts with what writes a session's addresses.
func (s *Server) WorkFacts(c *Call) (facts view.Facts, err error) {
	facts = s.Facts(c.Session)
	if facts.Addresses, err = c.Folder.Derive("addresses"); err != nil || s.Embedding == "" {
		return facts, err
	}
	given, err := c.Consents(c.R.Context(), workspace.PurposeEmbed, s.Embedding)
	facts.Embedding = &view.Endpoint{Name: s.Embedding, Allowed: !given.IsZero()}
	return facts, err
}

// Addresses writes and reads a session's addresses.
func (s *Server) Addresses(c *Call) (*page.Addresses, error) {
	facts, err := s.WorkFacts(c)
	if err != nil {
		return nil, err
	}
	return page.NewAddresses(facts.Addresses)
}

// WorkFrame is frame for a page over a workspace that only the server draws.
func (s *Server) WorkFrame(c *Call, f page.Frame) (page.Frame, error) {
	f, err := view.Frame(c.R.Context(), c.Workspace, f, s.Facts(c.Session), time.Now())
	return s.Frame(c.R, f), err
}

// Back redirects to a page of this server with a notice; no code, no notice.
func Back(w http.ResponseWriter, r *http.Request, path, key string, code view.Code) error {
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
	if code := s.HowEnded(r); code != "" {
		query.Set(view.QueryEnded, string(code))
	}
	if len(query) == 0 {
		return "/login"
	}
	return "/login?" + query.Encode()
}

// HowEnded is the code of why the session that a browser still has is no more; ""
// if it has none, or one that lives.
func (s *Server) HowEnded(r *http.Request) view.Code {
	_, err := Resolve(r)
	var ended *session.EndedError
	switch {
	case errors.As(err, &ended):
		return view.Code(ended.Reason)
	case errors.Is(err, session.ErrSignedOut) && s.Cookies.Read(r).Token != "":
		return view.EndedSomehow
	}
	return ""
}

// LocalPath returns next if it is a path of this server, else "/". What begins
// with two slashes, or a slash and a backslash, is another server to browsers.
func LocalPath(next string) string {
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

// Told goes back to a page, with the sentence of what went wrong if something
// did that the person can mend.
func (s *Server) Told(c *Call, path string, err error) error {
	if err == nil {
		return Back(c.W, c.R, path, "", "")
	}
	switch {
	case errors.Is(err, account.ErrLastAdmin):
		return Back(c.W, c.R, path, view.QueryWrong, view.WrongLastAdmin)
	case fault.Is(err, fault.NotFound):
		return Back(c.W, c.R, path, view.QueryWrong, view.WrongGone)
	case fault.Is(err, fault.Conflict):
		return Back(c.W, c.R, path, view.QueryWrong, view.WrongConflict)
	default:
		return err // a page with a sentence of its own
	}
}
