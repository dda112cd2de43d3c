package ratelimit

import (
	"net/netip"
	"time"
)

// Rates are the limits of RET's buckets, all within one window.
type Rates struct {
	Window    time.Duration
	Addresses int // requests without a valid session, for each address; 0 turns all off
	Sessions  int // requests with one, for each session
	Uploads   int // uploads, for each session
}

// Buckets are the limiters of a server.
type Buckets struct {
	addresses, sessions, uploads *Limiter
}

// NewBuckets returns limiters for the rates; log hears once from each that fails.
func NewBuckets(rates Rates, log func(error)) *Buckets {
	limiter := func(limit int) *Limiter {
		if rates.Addresses <= 0 {
			limit = 0
		}
		return New(Config{Limit: limit, Window: rates.Window, Log: log})
	}
	return &Buckets{limiter(rates.Addresses), limiter(rates.Sessions), limiter(rates.Uploads)}
}

// Address counts a request without a valid session.
func (b *Buckets) Address(client netip.Addr) Decision { return b.addresses.AllowAddress(client) }

// Session counts a request of a session.
func (b *Buckets) Session(id string) Decision { return b.sessions.Allow(id) }

// Upload counts an upload, beside Session, which counts it as a request.
func (b *Buckets) Upload(session string) Decision { return b.uploads.Allow(session) }
