package config

import (
	"net"
	"net/netip"
	"slices"
	"strings"

	"ret/shared/fault"
)

// Config returns the settings once they have been checked against each other;
// the error is fault.Invalid, with a line for everything that must change.
func (l Loaded) Config() (Config, error) {
	if problems := l.config.problems(); len(problems) > 0 {
		return Config{}, fault.New(fault.Invalid, "%s", strings.Join(problems, "\n"))
	}
	return l.config, nil
}

func (c Config) problems() []string {
	var found []string
	if c.Env == Production && c.PublicURL == nil && !c.TLS() {
		found = append(found, "RET_ENV=production needs RET_PUBLIC_URL (the address people use) or RET_TLS_CERT and RET_TLS_KEY.")
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		found = append(found, "RET_TLS_CERT and RET_TLS_KEY go together: set both or none.")
	}
	if c.TLS() && c.PublicURL != nil && c.PublicURL.Scheme != "https" {
		found = append(found, "RET_PUBLIC_URL must start with https:// when RET serves TLS itself.")
	}
	return found
}

// Warnings are sentences about settings that work but that an operator should
// know of.
func (l Loaded) Warnings() []string {
	c := l.config
	warn := slices.Clone(l.notes)
	if !c.Secure() && (!isLoopback(c.Addr) || c.PublicURL != nil && !isLoopback(c.PublicURL.Host)) {
		warn = append(warn, "RET is reached beyond this machine without TLS: passwords and data cross the network in the clear. Set RET_TLS_CERT and RET_TLS_KEY, or put a proxy with TLS in front and set RET_PUBLIC_URL=https://….")
	}
	if c.Env == Production && !c.RateLimited() {
		warn = append(warn, "RATE_LIMIT_REQUESTS=0 turns all rate limits off, those of sign-ins too.")
	}
	if c.MetricsAddr != "" && !isLoopback(c.MetricsAddr) {
		warn = append(warn, "RET_METRICS_ADDR is reached beyond this machine, and /metrics asks for no sign-in.")
	}
	return warn
}

// isLoopback reports whether only this machine can reach addr, with or without
// a port.
func isLoopback(addr string) bool {
	host := addr
	if h, _, err := net.SplitHostPort(addr); err == nil {
		host = h
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.IsLoopback()
}

// Unchecked returns the settings as they are, for commands that serve nobody and
// so need not all of them to be right.
func (l Loaded) Unchecked() Config { return l.config }
