package ratelimit

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"testing"
	"time"
)

func TestHeaders(t *testing.T) {
	tests := []struct {
		d    Decision
		want map[string]string
	}{
		{Decision{Allowed: true}, map[string]string{}},
		{
			Decision{Allowed: true, Limit: 100, Remaining: 99, Reset: time.Minute},
			map[string]string{"Ratelimit-Limit": "100", "Ratelimit-Remaining": "99", "Ratelimit-Reset": "60"},
		},
		{
			Decision{Limit: 100, Reset: 1500 * time.Millisecond},
			map[string]string{"Ratelimit-Limit": "100", "Ratelimit-Remaining": "0", "Ratelimit-Reset": "2", "Retry-After": "2"},
		},
	}
	for _, tt := range tests {
		h := http.Header{}
		tt.d.SetHeader(h)
		got := map[string]string{}
		for _, name := range slices.Collect(maps.Keys(h)) {
			got[name] = h.Get(name)
		}
		if !maps.Equal(got, tt.want) {
			t.Errorf("%+v gave %v, want %v", tt.d, got, tt.want)
		}
	}
}

func TestClientBehindProxies(t *testing.T) {
	p := Proxies{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	tests := []struct {
		name, peer string
		forwarded  []string
		want       string
	}{
		{"no proxy", "203.0.113.9:1", nil, "203.0.113.9"},
		{"an untrusted peer is not believed", "203.0.113.9:1", []string{"198.51.100.1"}, "203.0.113.9"},
		{"one proxy", "10.0.0.1:1", []string{"198.51.100.1"}, "198.51.100.1"},
		{"what the client made up is passed over", "10.0.0.1:1", []string{"1.2.3.4, 198.51.100.1"}, "198.51.100.1"},
		{"a chain of proxies", "10.0.0.1:1", []string{"198.51.100.1, 10.9.9.9"}, "198.51.100.1"},
		{"several header lines", "10.0.0.1:1", []string{"1.2.3.4", "198.51.100.1", "10.9.9.9"}, "198.51.100.1"},
		{"with ports", "[fd00::1]:1", []string{"[2001:db8::7]:443"}, "2001:db8::7"},
		{"only proxies", "10.0.0.1:1", []string{"10.0.0.2"}, "10.0.0.2"},
		{"nonsense stops at the proxy", "10.0.0.1:1", []string{"198.51.100.1, unknown"}, "10.0.0.1"},
		{"a mapped peer", "[::ffff:10.0.0.1]:1", []string{"198.51.100.1"}, "198.51.100.1"},
		{"no header", "10.0.0.1:1", nil, "10.0.0.1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = tt.peer
			for _, line := range tt.forwarded {
				r.Header.Add("X-Forwarded-For", line)
			}
			if got := p.Client(r); got.String() != tt.want {
				t.Errorf("client is %v, want %s", got, tt.want)
			}
		})
	}
}
