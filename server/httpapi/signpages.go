package httpapi

import (
	"errors"
	"net/http"

	"ret/server/session"
	"ret/shared/fault"
	"ret/web/page"
	"ret/web/view"
)

// maxFormBytes bounds a form without files.
const maxFormBytes = 64 << 10

func parseForm(w http.ResponseWriter, r *http.Request) error {
	return parseFormOf(w, r, maxFormBytes)
}

// parseFormOf is parseForm for a form that may be as long as limit.
func parseFormOf(w http.ResponseWriter, r *http.Request, limit int64) error {
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "The form could not be read. Please try again.")
	}
	return nil
}

func (s *Server) signInPage(w http.ResponseWriter, r *http.Request) error {
	next := localPath(r.URL.Query().Get("next"))
	if _, err := resolve(r); err == nil {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	v := page.SignInView{Next: next}
	if !livesOn(r) {
		v.Ended = s.sayEnded(r)
		s.forget(w, r)
	}
	s.render(w, r, http.StatusOK, page.SignIn(s.frame(r, page.Frame{Title: "Sign in"}), v))
	return nil
}

// sayEnded says why the session that led here is no more: as this server knows it, or
// as the page or redirect that led here says, when the browser has forgotten it.
func (s *Server) sayEnded(r *http.Request) string {
	code := s.howEnded(r)
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
	_, err := resolve(r)
	return errors.Is(err, session.ErrWrongWord)
}

// forget has the browser forget a session that was ended from elsewhere, once a page
// says so: a script that only asks whether it is signed in changes nothing.
func (s *Server) forget(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodHead {
		return
	}
	if held := s.cookies.Read(r); held.Token != "" || !held.Forgotten {
		s.cookies.Clear(w)
	}
}

func (s *Server) signInForm(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	next := localPath(r.PostFormValue("next"))
	_, err := s.signIn(w, r, r.PostFormValue("username"), r.PostFormValue("password"))
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
	s.render(w, r, statuses[fault.KindOf(err)], page.SignIn(s.frame(r, page.Frame{Title: "Sign in"}), v))
	return nil
}

func (s *Server) signOutPage(c *call) error {
	holdings, err := view.Holdings(c.r.Context(), c.Workspace)
	if err != nil {
		return err
	}
	s.render(c.w, c.r, http.StatusOK, page.SignOut(s.frame(c.r, page.Frame{Title: "Sign out"}), holdings))
	return nil
}

func (s *Server) signOutForm(c *call) error {
	if err := parseForm(c.w, c.r); err != nil {
		return err
	}
	if _, err := s.signOut(c, c.r.PostFormValue("everywhere") == "1"); err != nil {
		return err
	}
	http.Redirect(c.w, c.r, "/signed-out", http.StatusSeeOther)
	return nil
}

func (s *Server) resetPage(w http.ResponseWriter, r *http.Request) error {
	return s.showReset(w, r, http.StatusOK, "")
}

func (s *Server) showReset(w http.ResponseWriter, r *http.Request, status int, problem string) error {
	s.render(w, r, status, page.Reset(s.frame(r, page.Frame{Title: "New password"}), page.ResetView{Problem: problem}))
	return nil
}

func (s *Server) resetForm(w http.ResponseWriter, r *http.Request) error {
	if err := parseForm(w, r); err != nil {
		return err
	}
	if r.PostFormValue("new") != r.PostFormValue("again") {
		return s.showReset(w, r, http.StatusBadRequest, "The two passwords are not the same.")
	}
	err := s.Accounts.Reset(r.Context(), r.PathValue("token"), r.PostFormValue("new"), s.addressOf(r))
	switch fault.KindOf(err) {
	case fault.Internal, fault.Unavailable:
		if err != nil {
			return err
		}
		return back(w, r, "/login", view.QueryDone, view.DoneReset)
	default:
		return s.showReset(w, r, statuses[fault.KindOf(err)], fault.Message(err))
	}
}
