package chain

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// pace is how slowly the bytes of a request or of an answer may go. Only waiting
// for the other side counts, not what the server itself takes.
type pace struct {
	idle  time.Duration // without a single byte
	grace time.Duration // of waiting in all, before the least rate holds
	rate  int64         // the least bytes a second
}

// left is how long the next byte may be waited for, when so many came in so much
// waiting.
func (p pace) left(moved int64, waited time.Duration) time.Duration {
	allowed := p.grace + time.Duration(float64(moved)/float64(p.rate)*float64(time.Second))
	return max(0, min(p.idle, allowed-waited))
}

// paces are those of a server.
type paces struct {
	request pace // bodies of a few kilobytes: JSON, forms, cache entries
	upload  pace // files, over any network
	answer  pace
}

var defaultPaces = paces{
	request: pace{idle: 10 * time.Second, grace: 10 * time.Second, rate: 32 << 10},
	upload:  pace{idle: 30 * time.Second, grace: time.Minute, rate: 4 << 10},
	answer:  pace{idle: 30 * time.Second, grace: time.Minute, rate: 4 << 10},
}

type connKey struct{}

// ConnContext is for http.Server: it lets a request reach its connection, so that
// what is on its way to a client can be taken back when the session ends.
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// flow owns the deadlines of a request's connection: they move with what arrives
// and what is taken. One goroutine reads, one writes; the others' calls may come
// from anywhere.
type flow struct {
	control *http.ResponseController
	conn    net.Conn // nil if the request shares it with others
	paces   paces

	mu      sync.Mutex
	up      pace
	whole   bool // the body has been read
	stopped bool // nothing is read any more
	cut     bool // nothing is written either

	received, sent       int64
	receiving, sendingIn time.Duration // waiting for the client
}

func newFlow(w http.ResponseWriter, r *http.Request, p paces) *flow {
	f := &flow{control: http.NewResponseController(w), paces: p, up: p.request}
	if r.ProtoMajor == 1 {
		f.conn, _ = r.Context().Value(connKey{}).(net.Conn)
	}
	f.mayWrite()
	return f
}

// ExpectUpload gives a body the time that files need.
func (f *flow) ExpectUpload() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.up = f.paces.upload
}

// past is a deadline that is over. A connection that is gone, or that knows no
// deadlines, does not matter to whoever sets one.
var past = time.Unix(1, 0)

// mayRead sets the deadline of the next read.
func (f *flow) mayRead() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.stopped {
		_ = f.control.SetReadDeadline(time.Now().Add(f.up.left(f.received, f.receiving)))
	}
}

// mayWrite sets the deadline of the next write.
func (f *flow) mayWrite() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.cut {
		_ = f.control.SetWriteDeadline(time.Now().Add(f.paces.answer.left(f.sent, f.sendingIn)))
	}
}

// readAll says that the body has ended: what is read from now on is whether the
// client is still there, and may take as long as the handler.
func (f *flow) readAll() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.whole = true
	if !f.stopped {
		_ = f.control.SetReadDeadline(time.Time{})
	}
}

// StopReading has a read of the body under way fail, and all after it. It does
// nothing to a body that has been read.
func (f *flow) StopReading() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.whole {
		return
	}
	f.stopped = true
	_ = f.control.SetReadDeadline(past)
}

// readingStopped reports whether nothing can be read from the connection any more.
func (f *flow) readingStopped() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.stopped
}

// end breaks everything off: what was written and has not left the machine is
// dropped too.
func (f *flow) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopped, f.cut = true, true
	_ = errors.Join(f.control.SetReadDeadline(past), f.control.SetWriteDeadline(past))
	if tcp := tcpOf(f.conn); tcp != nil {
		_ = tcp.SetLinger(0)
		_ = tcp.Close()
	}
}

// lingerer is a TCP connection, also one that is wrapped.
type lingerer interface {
	SetLinger(seconds int) error
	Close() error
}

func tcpOf(c net.Conn) lingerer {
	if secure, ok := c.(interface{ NetConn() net.Conn }); ok {
		c = secure.NetConn()
	}
	tcp, _ := c.(lingerer)
	return tcp
}

// pacedBody is a request's body that must keep arriving.
type pacedBody struct {
	io.ReadCloser
	flow   *flow
	length int64 // as announced, or -1
	ended  bool
}

func (b *pacedBody) Read(p []byte) (int, error) {
	b.flow.mayRead()
	began := time.Now()
	n, err := b.ReadCloser.Read(p)
	b.flow.receiving += time.Since(began)
	b.flow.received += int64(n)
	if err == io.EOF {
		b.ended = true
	}
	if b.whole() {
		b.flow.readAll()
	}
	return n, err
}

// whole reports whether nothing of the body is still to come.
func (b *pacedBody) whole() bool {
	return b == nil || b.ended || b.length >= 0 && b.flow.received >= b.length
}

// writeBytes is how much is written under one deadline.
const writeBytes = 64 << 10

// write writes p, which must keep being taken.
func (f *flow) write(w io.Writer, p []byte) (n int, err error) {
	for {
		part := p[n:min(len(p), n+writeBytes)]
		f.mayWrite()
		began := time.Now()
		m, err := w.Write(part)
		f.sendingIn += time.Since(began)
		f.sent += int64(m)
		if n += m; err != nil || n == len(p) {
			return n, err
		}
	}
}
