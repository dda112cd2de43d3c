package httpapi

import (
	"context"
	"net/http"
	"time"

	"ret/server/store"
	"ret/shared/fault"
	"ret/shared/tablefile"
	"ret/shared/workspace"
	"ret/web/page"
	"ret/web/view"
)

// workPage draws a page over what the session holds, as the browser's replica
// does.
func (s *Server) workPage(c *call) error {
	rows := func(_ context.Context, t *workspace.Table, q tablefile.Query) (tablefile.Page, error) {
		return s.readRows(c, t, q)
	}
	drawn, err := view.Draw(c.r.Context(), c.Workspace, c.r.URL, view.Around{
		Facts: s.facts(c.session), Now: time.Now(), Rows: rows, Rates: c.Line.Rates,
	})
	if err != nil {
		return err
	}
	s.render(c.w, c.r, http.StatusOK, drawn)
	return nil
}

// viewer tells a client that draws pages itself what only the server knows.
func (s *Server) viewer(c *call) error {
	return writeJSON(c.w, http.StatusOK, s.facts(c.session))
}

// jobForm cancels or retries a job and goes back to the page it stood on.
func (s *Server) jobForm(c *call) error {
	if err := parseForm(c.w, c.r); err != nil {
		return err
	}
	var err error
	switch id := c.r.PostFormValue("job"); c.r.PostFormValue("action") {
	case page.ActionCancel:
		_, err = c.Cancel(c.r.Context(), id, 0)
	case page.ActionRetry:
		_, err = s.retry(c, id)
	default:
		return fault.New(fault.Invalid, "This page has no such form.")
	}
	return s.told(c, c.r.URL.Path, err)
}

func (s *Server) accountPage(c *call) error { return s.showAccount(c, http.StatusOK, "") }

func (s *Server) showAccount(c *call, status int, problem string) error {
	frame, err := s.workFrame(c, page.Frame{Title: "Account", Section: page.SectionAccount})
	if err != nil {
		return err
	}
	v := page.AccountView{Role: string(c.session.User.Role), Problem: problem}
	for _, own := range s.Sessions.List(c.session.User.ID) {
		item := sessionItem(own)
		item.Current = own.ID == c.session.ID
		v.Sessions = append(v.Sessions, item)
	}
	s.render(c.w, c.r, status, page.AccountPage(frame, v))
	return nil
}

func (s *Server) accountForm(c *call) error {
	if err := parseForm(c.w, c.r); err != nil {
		return err
	}
	ctx := c.r.Context()
	switch c.r.PostFormValue("action") {
	case page.ActionPassword:
		return s.passwordForm(c)
	case page.ActionEndSession:
		own, err := s.ownSession(c, c.r.PostFormValue("session"))
		if err == nil {
			_, err = s.Sessions.End(ctx, own.ID, store.ReasonLogout, c.session.Actor())
		}
		return s.told(c, "/account", err)
	case page.ActionEndOthers:
		_, err := s.Sessions.EndUser(ctx, c.session.User.ID, c.session.ID, store.ReasonLogout, c.session.Actor())
		return s.told(c, "/account", err)
	default:
		return fault.New(fault.Invalid, "This page has no such form.")
	}
}

func (s *Server) passwordForm(c *call) error {
	r := c.r
	if r.PostFormValue("new") != r.PostFormValue("again") {
		return s.showAccount(c, http.StatusBadRequest, "The two new passwords are not the same.")
	}
	err := s.Accounts.ChangePassword(r.Context(), c.session.Actor(), r.PostFormValue("old"), r.PostFormValue("new"), s.addressOf(r))
	if err == nil {
		return back(c.w, r, "/account", view.QueryDone, view.DonePassword)
	}
	if kind := fault.KindOf(err); kind == fault.Internal || kind == fault.Unavailable {
		return err
	}
	return s.showAccount(c, statuses[fault.KindOf(err)], fault.Message(err))
}
