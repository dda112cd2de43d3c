package httpapi

import (
	"encoding/base64"
	"encoding/json"
	"net/http"

	"ret/server/session"
	"ret/shared/fault"
	"ret/web/page"
	"ret/web/view"
)

// maxFormBytes bounds a form without files.
const maxFormBytes = 64 << 10

func parseForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxFormBytes)
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
	if held := s.cookies.Read(r); held.Token != "" || held.Here != "" {
		s.cookies.Clear(w) // of a session that was ended from elsewhere
	}
	v := page.SignInView{Next: next, Purged: r.URL.Query().Has("purged")}
	s.render(w, r, http.StatusOK, page.SignIn(s.frame(r, page.Frame{Title: "Sign in"}), v))
	return nil
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

// receiptCookie carries what was erased to the page that shows it, since no
// session is left to keep it. It holds counts alone.
const receiptCookie = "ret_receipt"

// maxKeptReceipts keeps the cookie small; with more the page shows the first.
const maxKeptReceipts = 5

func (s *Server) keepReceipts(w http.ResponseWriter, receipts []session.Receipt) {
	text, err := json.Marshal(receipts[:min(len(receipts), maxKeptReceipts)])
	if err != nil {
		return // the page then only says that it is done
	}
	http.SetCookie(w, s.receiptCookie(base64.RawURLEncoding.EncodeToString(text), 60))
}

func (s *Server) receiptCookie(value string, maxAgeSeconds int) *http.Cookie {
	return &http.Cookie{
		Name: receiptCookie, Value: value, Path: "/signed-out", MaxAge: maxAgeSeconds,
		Secure: s.cfg.Secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// signedOutPage is the last page of a session. It has the browser forget what a
// script cannot reach; the cache stays, since the shell of the next visit lies
// there.
func (s *Server) signedOutPage(w http.ResponseWriter, r *http.Request) error {
	var v page.SignedOutView
	if cookie, err := r.Cookie(receiptCookie); err == nil {
		v.Receipts = readReceipts(cookie.Value)
	}
	http.SetCookie(w, s.receiptCookie("", -1))
	w.Header().Set("Clear-Site-Data", `"cookies", "storage"`)
	s.render(w, r, http.StatusOK, page.SignedOut(s.frame(r, page.Frame{Title: "Signed out"}), v))
	return nil
}

// readReceipts reads the cookie; what cannot be read is not shown.
func readReceipts(text string) []page.Receipt {
	var kept []session.Receipt
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(data, &kept) != nil {
		return nil
	}
	list := make([]page.Receipt, len(kept))
	for i, k := range kept {
		list[i] = page.Receipt(k)
	}
	return list
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
		return back(w, r, "/login", view.QueryDone, "Your password is changed. Sign in with the new one.")
	default:
		return s.showReset(w, r, statuses[fault.KindOf(err)], fault.Message(err))
	}
}
