package connections_test

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"ret/server/connections"
)

// serve accepts until the test ends, and closes what is sent to it.
func serve(t *testing.T, limits connections.Limits) (*connections.Listener, chan net.Conn) {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := connections.Limit(inner, limits)
	accepted := make(chan net.Conn, 100)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	t.Cleanup(func() { _ = l.Close() })
	return l, accepted
}

func dial(t *testing.T, l net.Listener, from string) net.Conn {
	t.Helper()
	c, err := tryDial(t, l, from)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func tryDial(t *testing.T, l net.Listener, from string) (net.Conn, error) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	c, err := d.DialContext(t.Context(), "tcp", l.Addr().String())
	if err == nil {
		t.Cleanup(func() { _ = c.Close() })
	}
	return c, err
}

// wantRefused fails the test unless a connection is closed at once, which may be seen
// before it is known to be open.
func wantRefused(t *testing.T, l net.Listener, from string) {
	t.Helper()
	c, err := tryDial(t, l, from)
	if errors.Is(err, syscall.ECONNRESET) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	_, err = c.Read(make([]byte, 1))
	if timeout, is := err.(net.Error); err == nil || is && timeout.Timeout() {
		t.Errorf("a connection over the limit stays open: %v", err)
	}
}

func TestOneAddressLeavesRoomForOthers(t *testing.T) {
	l, accepted := serve(t, connections.Limits{All: 5, PerAddress: 2})
	dial(t, l, "127.0.0.2")
	dial(t, l, "127.0.0.2")
	first := <-accepted
	<-accepted
	wantRefused(t, l, "127.0.0.2")
	dial(t, l, "127.0.0.3")
	<-accepted
	if l.Refused() != 1 {
		t.Errorf("%d refused", l.Refused())
	}
	// What has been closed, however often, makes room for one.
	_ = first.Close()
	_ = first.Close()
	dial(t, l, "127.0.0.2")
	<-accepted
	wantRefused(t, l, "127.0.0.2")
	dial(t, l, "127.0.0.4")
	<-accepted
	dial(t, l, "127.0.0.5")
	<-accepted
	wantRefused(t, l, "127.0.0.6")
}

func TestProxiesHaveNoBoundOfTheirOwn(t *testing.T) {
	proxy := netip.MustParseAddr("127.0.0.2")
	l, accepted := serve(t, connections.Limits{PerAddress: 1, Exempt: func(a netip.Addr) bool { return a == proxy }})
	for range 3 {
		dial(t, l, "127.0.0.2")
		<-accepted
	}
}

// What is accepted is closed in both directions as HTTP servers do it.
func TestConnectionsCanBeHalfClosed(t *testing.T) {
	l, accepted := serve(t, connections.Limits{})
	client := dial(t, l, "127.0.0.1")
	server := <-accepted
	if err := server.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the client reads %v", err)
	}
}

func TestWithin(t *testing.T) {
	for _, c := range []struct{ descriptors, setting, all, each int }{
		{1024, 1000, 768, 192},
		{20_000, 1000, 15_000, 1000},
		{20_000, 0, 15_000, 0},
		{0, 1000, 0, 1000},
	} {
		if got := connections.Within(c.descriptors, c.setting); got.All != c.all || got.PerAddress != c.each {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}
