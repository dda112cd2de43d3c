package main

import (
	"net/http"
	"net/http/httptest"
)

// overHTTP measures the cache as other programs reach it, both over loopback.
// Go's HTTP client and Redis' client share the machine with what they measure.
func (b *cacheBench) overHTTP() error {
	s, stop, err := serveRet(b.ctx, b.folder)
	if err != nil {
		return err
	}
	defer stop()
	path := func(caller, i int) string { return "/api/v1/cache/" + b.key(caller, i) }
	put := func(caller, i int) error { return s.do(http.MethodPut, path(caller, i), b.value) }
	get := func(caller, i int) error { return s.do(http.MethodGet, path(caller, i), nil) }
	for i := range b.keys {
		if err := put(0, i); err != nil {
			return err
		}
	}
	sets := func(caller, i int) error { return b.always.Set(b.ctx, b.key(caller, i), b.value, 0).Err() }
	gets := func(caller, i int) error { return b.everysec.Get(b.ctx, b.key(caller, i)).Err() }
	floor, err := b.bareHTTP(s.client)
	if err != nil {
		return err
	}
	if err := b.beside("cache_http_get_50", get, "redis_get_50", gets, floor); err != nil {
		return err
	}
	return b.beside("cache_http_set_50", put, "redis_always_set_50", sets, floor)
}

// bareHTTP is what net/http reaches that does nothing but answer.
func (b *cacheBench) bareHTTP(client *http.Client) (float64, error) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(b.value) }))
	defer server.Close()
	bare := &signedIn{url: server.URL, client: client}
	return rate(50, measured, func(int, int) error { return bare.do(http.MethodGet, "/", nil) })
}

// beside reports what 50 callers reach, and what they reach with Redis if there
// is one.
func (b *cacheBench) beside(name string, fn func(caller, i int) error, rival string, other func(caller, i int) error, floor float64) error {
	r := result{Name: name, Unit: "ops/s", Rival: rival, Floor: "net_http", FloorValue: floor, Allocs: -1}
	if b.always == nil {
		r.Rival, other = "none", nil
	}
	var err error
	if r.Value, r.RivalValue, err = sideBySide(50, 2*measured, fn, other); err != nil {
		return err
	}
	b.report(r)
	return nil
}
