package pages

import (
	"net/http"

	"ret/server/httpapi/chain"
	"ret/server/httpapi/work"
	"ret/server/session"
	"ret/web/page"
)

// signedOutPage is the last page of a session. To a browser that has just signed
// out, and comes from here, it says what was erased, and has it forget what a script
// cannot reach; the cache stays, since the shell of the next visit lies there.
// Everybody else only learns whether somebody is signed in: a page of another site
// may lead here, or show this address as an image.
func (s *Server) signedOutPage(w http.ResponseWriter, r *http.Request) error {
	var v page.SignedOutView
	if receipts, proven := s.TakeProof(w, r); proven {
		v.Erased, v.Receipts = true, shownReceipts(receipts)
		w.Header().Set("Clear-Site-Data", `"cookies", "storage"`)
	} else if _, err := chain.Resolve(r); err == nil {
		v.SignedIn = true
	}
	frame := s.Frame(r, page.Frame{Title: "Signed out"})
	frame.Viewer = nil // a page of no session, even beside one
	s.Render(w, r, http.StatusOK, page.SignedOut(frame, v))
	return nil
}

func shownReceipts(receipts []session.Receipt) []page.Receipt {
	var list []page.Receipt
	for _, r := range receipts[:min(len(receipts), work.MaxShownReceipts)] {
		list = append(list, page.Receipt{
			SessionID: r.SessionID, Files: r.Files, Bytes: r.Bytes, Tables: r.Tables, Jobs: r.Jobs, CacheEntries: r.CacheEntries,
			Unknown: r.Unknown, KeyDestroyed: r.KeyDestroyed, At: r.At, Document: r.Encode(),
		})
	}
	return list
}
