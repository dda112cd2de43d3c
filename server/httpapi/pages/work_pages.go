package pages

import (
	"context"
	"net/http"
	"time"

	"ret/server/httpapi/chain"
	"ret/server/httpapi/work"
	"ret/server/store"
	"ret/shared/fault"
	"ret/shared/profile"
	"ret/shared/query"
	"ret/shared/search"
	"ret/shared/tablefile"
	"ret/shared/workspace"
	"ret/web/page"
	"ret/web/view"
)

// workPage draws a page over what the session holds, as the browser's replica
// does.
func (s *Server) workPage(c *chain.Call) error {
	rows := func(_ context.Context, t *workspace.Table, q tablefile.Query) (tablefile.Page, error) {
		return s.ReadRows(c, t, q)
	}
	learn := func(ctx context.Context, t *workspace.Table, q tablefile.Query) (profile.Profile, error) {
		return s.ReadProfile(ctx, c, t, q)
	}
	find := func(ctx context.Context, q search.Question) (view.Found, error) {
		answer, err := s.Search(ctx, c, q, "page "+c.R.URL.RawQuery)
		return view.Found{Answer: answer}, err
	}
	facts, err := s.WorkFacts(c)
	if err != nil {
		return err
	}
	drawn, err := view.Draw(c.R.Context(), c.Workspace, c.R.URL, view.Around{
		Facts: facts, Now: time.Now(), Rows: rows, Profile: learn, Search: find, Rates: c.Line.Rates,
		Origin: func(_ context.Context, t *workspace.Table, row int64) (view.Origin, error) {
			o, err := s.ReadSource(c, t, row)
			return view.Origin{Path: o.Path, Line: o.Line, Bytes: o.Length, XML: o.XML}, err
		},
		Query: func(_ context.Context, sql string, rows int) (*query.Result, error) { return s.RunQuery(c, sql, rows) },
		Kinds: func(t *workspace.Table) []profile.Kind { return s.KnownKinds(c, t) },
	})
	if err != nil {
		return err
	}
	s.Render(c.W, c.R, http.StatusOK, drawn)
	return nil
}

// showForm leads to what a form asks to see, by an address that does not tell it.
func (s *Server) showForm(c *chain.Call) error {
	if err := chain.ParseForm(c.W, c.R); err != nil {
		return err
	}
	addresses, err := s.Addresses(c)
	if err != nil {
		return err
	}
	fields := addresses.Open(c.R.PostForm)
	fields.Del("action")
	return chain.Back(c.W, c.R, c.R.URL.Path+addresses.Query(fields), "", "")
}

// tableForm is showForm on the page of a table.
func (s *Server) tableForm(c *chain.Call) error {
	if _, err := c.Table(c.R.Context(), c.R.PathValue("id")); err != nil {
		return err
	}
	return s.showForm(c)
}

// jobForm cancels or retries a job and goes back to the page it stood on.
func (s *Server) jobForm(c *chain.Call) error {
	if err := chain.ParseForm(c.W, c.R); err != nil {
		return err
	}
	var err error
	switch id := c.R.PostFormValue("job"); c.R.PostFormValue("action") {
	case page.ActionShow:
		return s.showForm(c)
	case page.ActionCancel:
		_, err = c.Cancel(c.R.Context(), id, 0)
	case page.ActionRetry:
		_, err = s.Retry(c, id)
	default:
		return fault.New(fault.Invalid, "This page has no such form.")
	}
	return s.Told(c, c.R.URL.Path, err)
}

func (s *Server) accountPage(c *chain.Call) error { return s.showAccount(c, http.StatusOK, "") }

func (s *Server) showAccount(c *chain.Call, status int, problem string) error {
	frame, err := s.WorkFrame(c, page.Frame{Title: "Account", Section: page.SectionAccount})
	if err != nil {
		return err
	}
	v := page.AccountView{Role: string(c.Session.User.Role), Problem: problem}
	for _, own := range s.Sessions.List(c.Session.User.ID) {
		item := work.SessionItem(own)
		item.Current = own.ID == c.Session.ID
		v.Sessions = append(v.Sessions, item)
	}
	s.Render(c.W, c.R, status, page.AccountPage(frame, v))
	return nil
}

func (s *Server) accountForm(c *chain.Call) error {
	if err := chain.ParseForm(c.W, c.R); err != nil {
		return err
	}
	ctx := c.R.Context()
	switch c.R.PostFormValue("action") {
	case page.ActionPassword:
		return s.passwordForm(c)
	case page.ActionEndSession:
		own, err := s.OwnSession(c, c.R.PostFormValue("session"))
		if err == nil {
			_, err = s.Sessions.End(ctx, own.ID, store.ReasonLogout, c.Session.Actor())
		}
		return s.Told(c, "/account", err)
	case page.ActionEndOthers:
		_, err := s.Sessions.EndUser(ctx, c.Session.User.ID, c.Session.ID, store.ReasonLogout, c.Session.Actor())
		return s.Told(c, "/account", err)
	default:
		return fault.New(fault.Invalid, "This page has no such form.")
	}
}

func (s *Server) passwordForm(c *chain.Call) error {
	r := c.R
	if r.PostFormValue("new") != r.PostFormValue("again") {
		return s.showAccount(c, http.StatusBadRequest, "The two new passwords are not the same.")
	}
	err := s.Accounts.ChangePassword(r.Context(), c.Session.Actor(), r.PostFormValue("old"), r.PostFormValue("new"), s.AddressOf(r))
	if err == nil {
		return chain.Back(c.W, r, "/account", view.QueryDone, view.DonePassword)
	}
	if kind := fault.KindOf(err); kind == fault.Internal || kind == fault.Unavailable {
		return err
	}
	return s.showAccount(c, chain.Statuses[fault.KindOf(err)], fault.Message(err))
}
