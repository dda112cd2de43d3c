package ratelimit

import (
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the networks whose X-Forwarded-For is believed.
type Proxies []netip.Prefix

// Client returns the address a request comes from. Behind trusted proxies it is
// the last address of X-Forwarded-For that is not one of them: what stands left
// of it anyone could have written. The zero Addr means that there is none.
func (p Proxies) Client(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	client := peer.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && p.Trusts(client); i-- {
		hop, ok := parseHop(hops[i])
		if !ok {
			break
		}
		client = hop
	}
	return client
}

// Trusts reports whether an address is one of the proxies'.
func (p Proxies) Trusts(a netip.Addr) bool {
	for _, network := range p {
		if network.Contains(a.WithZone("")) {
			return true
		}
	}
	return false
}

// parseHop reads an address with or without a port.
func parseHop(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if a, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		return a.Unmap(), true
	}
	ap, err := netip.ParseAddrPort(text)
	return ap.Addr().Unmap(), err == nil
}
