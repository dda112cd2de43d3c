package pages

import (
	"errors"
	"net/http"

	"ret/server/httpapi/chain"
	"ret/server/session"
	"ret/shared/fault"
	"ret/web/page"
	"ret/web/view"
)

func (s *Server) signInPage(w http.ResponseWriter, r *http.Request) error {
	next := chain.LocalPath(r.URL.Query().Get("next"))
	if _, err := chain.Resolve(r); err == nil {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	v := page.SignInView{Next: next}
	if !livesOn(r) {
		v.Ended = s.sayEnded(r)
		s.forget(w, r)
	}
	s.Render(w, r, http.StatusOK, page.SignIn(s.Frame(r, page.Frame{Title: "Sign in"}), v))
	return nil
}

// sayEnded says why the session that led here is no more: as this server knows it, or
// as the page or redirect that led here says, when the browser has forgotten it.
func (s *Server) sayEnded(r *http.Request) string {
	code := s.HowEnded(r)
	if code == "" || code == view.EndedSomehow {
		if said := view.Code(r.URL.Query().Get(view.QueryEnded)); view.Ended(said) != "" {
			code = said
		}
	}
	return view.Ended(code)
}

// livesOn reports whether the browser holds a session that is alive but cannot be
// used, since another server on this host has overwritten its word. Nothing of it
// may be forgotten then.
func livesOn(r *http.Request) bool {
	_, err := chain.Resolve(r)
	return errors.Is(err, session.ErrWrongWord)
}

// forget has the browser forget a session that was ended from elsewhere, once a page
// says so: a script that only asks whether it is signed in changes nothing.
func (s *Server) forget(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodHead {
		return
	}
	if held := s.Cookies.Read(r); held.Token != "" || !held.Forgotten {
		s.Cookies.Clear(w)
	}
}

func (s *Server) signInForm(w http.ResponseWriter, r *http.Request) error {
	if err := chain.ParseForm(w, r); err != nil {
		return err
	}
	next := chain.LocalPath(r.PostFormValue("next"))
	_, err := s.SignIn(w, r, r.PostFormValue("username"), r.PostFormValue("password"))
	if err == nil {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	if kind := fault.KindOf(err); kind != fault.SignedOut && kind != fault.TooMany && kind != fault.Invalid {
		return err
	}
	v := page.SignInView{
		Username: r.PostFormValue("username"), Next: next, Problem: fault.Message(err), RetryAfter: fault.RetryAfter(err),
	}
	s.Render(w, r, chain.Statuses[fault.KindOf(err)], page.SignIn(s.Frame(r, page.Frame{Title: "Sign in"}), v))
	return nil
}

func (s *Server) signOutPage(c *chain.Call) error {
	holdings, err := view.Holdings(c.R.Context(), c.Workspace)
	if err != nil {
		return err
	}
	s.Render(c.W, c.R, http.StatusOK, page.SignOut(s.Frame(c.R, page.Frame{Title: "Sign out"}), holdings))
	return nil
}

func (s *Server) signOutForm(c *chain.Call) error {
	if err := chain.ParseForm(c.W, c.R); err != nil {
		return err
	}
	if _, err := s.SignOut(c, c.R.PostFormValue("everywhere") == "1"); err != nil {
		return err
	}
	http.Redirect(c.W, c.R, "/signed-out", http.StatusSeeOther)
	return nil
}

func (s *Server) resetPage(w http.ResponseWriter, r *http.Request) error {
	return s.showReset(w, r, http.StatusOK, "")
}

func (s *Server) showReset(w http.ResponseWriter, r *http.Request, status int, problem string) error {
	s.Render(w, r, status, page.Reset(s.Frame(r, page.Frame{Title: "New password"}), page.ResetView{Problem: problem}))
	return nil
}

func (s *Server) resetForm(w http.ResponseWriter, r *http.Request) error {
	if err := chain.ParseForm(w, r); err != nil {
		return err
	}
	if r.PostFormValue("new") != r.PostFormValue("again") {
		return s.showReset(w, r, http.StatusBadRequest, "The two passwords are not the same.")
	}
	err := s.Accounts.Reset(r.Context(), r.PathValue("token"), r.PostFormValue("new"), s.AddressOf(r))
	switch fault.KindOf(err) {
	case fault.Internal, fault.Unavailable:
		if err != nil {
			return err
		}
		return chain.Back(w, r, "/login", view.QueryDone, view.DoneReset)
	default:
		return s.showReset(w, r, chain.Statuses[fault.KindOf(err)], fault.Message(err))
	}
}
