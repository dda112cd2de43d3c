package httpapi

import (
	"crypto/rand"
	"sync"
	"time"

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
	p.held[word] = proof{receipts[:min(len(receipts), maxShownReceipts)], time.Now()}
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
