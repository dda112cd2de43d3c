package work

import (
	"crypto/rand"
	"net/http"
	"slices"
	"sync"
	"time"

	"ret/server/httpapi/chain"
	"ret/server/session"
)

const (
	proofLife = time.Minute
	maxProofs = 10_000 // some 2 MB; beyond that the oldest go
)

// proofs remembers for a moment which browsers have just signed out, and what was
// erased for them. A proof is a random word that is good once. It may be used by
// any number of goroutines.
type proofs struct {
	mu    sync.Mutex
	held  map[string]proof
	order []string // oldest first; those that were taken among them
}

type proof struct {
	receipts []session.Receipt
	given    time.Time
}

func (p *proofs) give(receipts []session.Receipt) (word string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forget()
	word = rand.Text()
	if p.held == nil {
		p.held = map[string]proof{}
	}
	p.held[word] = proof{receipts[:min(len(receipts), MaxShownReceipts)], time.Now()}
	p.order = append(p.order, word)
	return word
}

// take returns what was erased, once, and whether the word is a proof.
func (p *proofs) take(word string) ([]session.Receipt, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forget()
	known, ok := p.held[word]
	delete(p.held, word)
	return known.receipts, ok
}

// forget drops what is too old, and makes room for one more.
func (p *proofs) forget() {
	for len(p.order) > 0 {
		oldest, held := p.held[p.order[0]]
		if held && len(p.order) < maxProofs && time.Since(oldest.given) < proofLife {
			return
		}
		delete(p.held, p.order[0])
		p.order = p.order[1:]
	}
}

// proofCookie carries the proof of a sign-out to the page that says so. A page of
// another site cannot bring it along, and none can make one up.
const proofCookie = "ret_signed_out"

// MaxShownReceipts keeps the page short; with more it shows the first.
const MaxShownReceipts = 5

// ProveSignOut has the browser forget the session, and show at /signed-out what was
// erased.
func (s *Server) ProveSignOut(w http.ResponseWriter, receipts []session.Receipt) {
	s.Cookies.Clear(w)
	http.SetCookie(w, s.proofCookie(s.proofs.give(receipts), int(proofLife.Seconds())))
}

func (s *Server) proofCookie(value string, maxAgeSeconds int) *http.Cookie {
	return &http.Cookie{
		Name: proofCookie, Value: value, Path: "/signed-out", MaxAge: maxAgeSeconds,
		Secure: s.Config.Secure(), HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}
}

// TakeProof returns what was erased with the session that this browser has just
// signed out of: before this request, or with it, if its person did so offline.
func (s *Server) TakeProof(w http.ResponseWriter, r *http.Request) ([]session.Receipt, bool) {
	if r.Method != http.MethodGet || !navigatedFromHere(r) {
		return nil, false
	}
	if who := chain.WhoIs(r); who.Receipts != nil {
		return who.Receipts, true
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
