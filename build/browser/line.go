package browser

import (
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Line is a slow line between a browser and a server: of what a connection sends,
// only so many bytes a second reach the server. It is cut when the server ends.
type Line struct {
	server    *Server
	url       string
	perSecond atomic.Int64 // 0: as fast as can be
}

// StartLine begins a line to a server; it ends with the test.
func StartLine(t *testing.T, server *Server, bytesPerSecond int64) *Line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &Line{server: server, url: "http://" + listener.Addr().String()}
	l.perSecond.Store(bytesPerSecond)
	var open sync.WaitGroup
	open.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			open.Go(func() { l.connect(near) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		server.Stop(t, syscall.SIGTERM)
		open.Wait()
	})
	return l
}

// Server is the server as it is seen through the line; to start and stop it, there
// is the other one.
func (l *Line) Server() *Server {
	return &Server{URL: l.url, Runtime: l.server.Runtime, MasterKey: l.server.MasterKey}
}

// Free lets all through.
func (l *Line) Free() { l.perSecond.Store(0) }

func (l *Line) connect(near net.Conn) {
	defer near.Close()
	far, err := net.Dial("tcp", strings.TrimPrefix(l.server.URL, "http://"))
	if err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(slowly{far, l}, near) // either end may go
		_ = far.Close()
	}()
	_, _ = io.Copy(near, far)
}

type slowly struct {
	io.Writer
	line *Line
}

// lineBytes is what goes through at once.
const lineBytes = 4 << 10

func (s slowly) Write(p []byte) (n int, err error) {
	for len(p) > 0 && err == nil {
		part := p[:min(len(p), lineBytes)]
		if rate := s.line.perSecond.Load(); rate > 0 {
			time.Sleep(time.Duration(len(part)) * time.Second / time.Duration(rate))
		}
		var written int
		written, err = s.Writer.Write(part)
		n, p = n+written, p[written:]
	}
	return n, err
}
