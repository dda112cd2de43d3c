// Package connections bounds how many connections a server has open at once: in
// all, so that descriptors are left for files and databases, and from one address,
// so that nobody keeps everyone else out. What is over a bound is closed as it
// comes, unread and unanswered.
package connections

import (
	"net"
	"net/netip"
	"sync"
)

// Limits are the bounds; 0 is none.
type Limits struct {
	All        int
	PerAddress int // IPv6: per /64

	// Exempt says which addresses have no bound of their own: those of proxies,
	// which bring everyone's connections.
	Exempt func(netip.Addr) bool
}

// Within returns the limits for a process that may have so many descriptors: a
// quarter is kept for files, and one address has at most a quarter of the rest.
// perAddress is what the settings say; 0 is no bound for each address.
func Within(descriptors, perAddress int) Limits {
	if descriptors <= 0 {
		return Limits{PerAddress: perAddress}
	}
	all := max(1, descriptors-descriptors/4)
	l := Limits{All: all}
	if perAddress > 0 {
		l.PerAddress = max(1, min(perAddress, all/4))
	}
	return l
}

// Listener hands on the connections that are within the limits.
type Listener struct {
	net.Listener
	limits Limits

	mu      sync.Mutex
	all     int
	from    map[netip.Addr]int
	refused int64
}

// Limit puts limits over a TCP listener.
func Limit(l net.Listener, limits Limits) *Listener {
	if limits.Exempt == nil {
		limits.Exempt = func(netip.Addr) bool { return false }
	}
	return &Listener{Listener: l, limits: limits, from: map[netip.Addr]int{}}
}

// Refused counts the connections that were over a limit.
func (l *Listener) Refused() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refused
}

// Accept returns the next connection that is within the limits.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		tcp, ok := c.(*net.TCPConn)
		if !ok {
			return c, nil
		}
		if from := origin(tcp); l.enter(from) {
			return &conn{TCPConn: tcp, leave: sync.OnceFunc(func() { l.leave(from) })}, nil
		}
		_ = tcp.SetLinger(0) // nothing of it is to stay behind
		_ = tcp.Close()
	}
}

// origin is what connections are counted by.
func origin(c *net.TCPConn) netip.Addr {
	peer, ok := c.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	addr := peer.AddrPort().Addr().Unmap().WithZone("")
	if addr.Is6() {
		return netip.PrefixFrom(addr, 64).Masked().Addr()
	}
	return addr
}

func (l *Listener) enter(from netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	full := l.limits.All > 0 && l.all >= l.limits.All ||
		l.limits.PerAddress > 0 && l.from[from] >= l.limits.PerAddress && !l.limits.Exempt(from)
	if full {
		l.refused++
		return false
	}
	l.all++
	l.from[from]++
	return true
}

func (l *Listener) leave(from netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	if l.from[from]--; l.from[from] == 0 {
		delete(l.from, from)
	}
}

// conn is a connection that is counted until it is closed.
type conn struct {
	*net.TCPConn
	leave func()
}

func (c *conn) Close() error {
	defer c.leave()
	return c.TCPConn.Close()
}
