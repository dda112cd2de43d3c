package main

import (
	"context"
	"net/netip"
	"time"

	"ret/server/ratelimit"
)

// benchRateLimit measures one check among 10,000 clients, and what a flood of
// 1,000,000 addresses leaves in memory.
func benchRateLimit(_ context.Context, b *bench) error {
	limiter := ratelimit.New(ratelimit.Config{Limit: 100, Window: time.Minute})
	clients := make([]netip.Addr, 10_000)
	for i := range clients {
		clients[i] = address(i)
		limiter.AllowAddress(clients[i])
	}
	next := 0
	check := func() {
		limiter.AllowAddress(clients[next%len(clients)])
		next++
	}
	perSecond, err := rate(1, time.Second, func(int, int) error { check(); return nil })
	if err != nil {
		return err
	}
	b.report(result{Name: "rate_check", Value: 1e9 / perSecond, Unit: "ns", Allocs: allocs(check)})

	before := heapBytes()
	flooded := ratelimit.New(ratelimit.Config{Limit: 100, Window: time.Minute})
	for i := range 1_000_000 {
		flooded.AllowAddress(address(i))
	}
	b.report(result{Name: "rate_memory_1000000", Value: (heapBytes() - before) / 1e6, Unit: "MB", Allocs: -1})
	flooded.AllowAddress(address(0)) // alive until here
	return nil
}

func address(i int) netip.Addr {
	return netip.AddrFrom4([4]byte{byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)})
}
