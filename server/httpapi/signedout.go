package httpapi

import (
	"net/http"
	"slices"

	"ret/server/session"
	"ret/web/page"
)

// proofCookie carries the proof of a sign-out to the page that says so. A page of
// another site cannot bring it along, and none can make one up.
const proofCookie = "ret_signed_out"

// maxShownReceipts keeps the page short; with more it shows the first.
const maxShownReceipts = 5

// proveSignOut has the browser forget the session, and show at /signed-out what was
// erased.
func (s *Server) proveSignOut(w http.ResponseWriter, receipts []session.Receipt) {
	s.cookies.Clear(w)
	http.SetCookie(w, s.proofCookie(s.proofs.give(receipts), int(proofLife.Seconds())))
}

func (s *Server) proofCookie(value string, maxAgeSeconds int) *http.Cookie {
	return &http.Cookie{
		Name: proofCookie, Value: value, Path: "/signed-out", MaxAge: maxAgeSeconds,
		Secure: s.Config.Secure(), HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}
}

// signedOutPage is the last page of a session. To a browser that has just signed
// out, and comes from here, it says what was erased, and has it forget what a script
// cannot reach; the cache stays, since the shell of the next visit lies there.
// Everybody else only learns whether somebody is signed in: a page of another site
// may lead here, or show this address as an image.
func (s *Server) signedOutPage(w http.ResponseWriter, r *http.Request) error {
	var v page.SignedOutView
	if receipts, proven := s.takeProof(w, r); proven {
		v.Erased, v.Receipts = true, shownReceipts(receipts)
		w.Header().Set("Clear-Site-Data", `"cookies", "storage"`)
	} else if _, err := resolve(r); err == nil {
		v.SignedIn = true
	}
	frame := s.frame(r, page.Frame{Title: "Signed out"})
	frame.Viewer = nil // a page of no session, even beside one
	s.render(w, r, http.StatusOK, page.SignedOut(frame, v))
	return nil
}

// takeProof returns what was erased with the session that this browser has just
// signed out of: before this request, or with it, if its person did so offline.
func (s *Server) takeProof(w http.ResponseWriter, r *http.Request) ([]session.Receipt, bool) {
	if r.Method != http.MethodGet || !navigatedFromHere(r) {
		return nil, false
	}
	if who := whoIs(r); who.receipts != nil {
		return who.receipts, true
	}
	cookie, err := r.Cookie(proofCookie)
	if err != nil {
		return nil, false
	}
	http.SetCookie(w, s.proofCookie("", -1))
	return s.proofs.take(cookie.Value)
}

// navigatedFromHere reports whether a request is for a whole page, asked for by a
// page of this origin or by the person. What a client does not say is not held
// against it: programs say nothing, nor do browsers on plain HTTP.
func navigatedFromHere(r *http.Request) bool {
	said := func(header string, good ...string) bool {
		value := r.Header.Get(header)
		return value == "" || slices.Contains(good, value)
	}
	return said("Sec-Fetch-Site", "same-origin", "none") && said("Sec-Fetch-Mode", "navigate") && said("Sec-Fetch-Dest", "document")
}

func shownReceipts(receipts []session.Receipt) []page.Receipt {
	var list []page.Receipt
	for _, r := range receipts[:min(len(receipts), maxShownReceipts)] {
		list = append(list, page.Receipt(r))
	}
	return list
}
