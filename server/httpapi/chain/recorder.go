package chain

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
)

// recorder is the outermost writer of an answer: it remembers the status, which
// says that the answer has begun, and keeps request and answer moving.
type recorder struct {
	http.ResponseWriter
	status int
	Flow   *flow
	body   *pacedBody // nil if there is none
	http1  bool
}

// record wraps an answer, and the body of its request.
func (s *Server) record(w http.ResponseWriter, r *http.Request) *recorder {
	rec := &recorder{ResponseWriter: w, Flow: newFlow(w, r, s.paces), http1: r.ProtoMajor == 1}
	if r.Body != nil && r.Body != http.NoBody {
		rec.body = &pacedBody{ReadCloser: r.Body, flow: rec.Flow, length: r.ContentLength}
		r.Body = rec.body
	} else {
		rec.Flow.readAll()
	}
	return rec
}

// RecorderOf finds the recorder below what handlers wrap around it; every request
// has one.
func RecorderOf(w http.ResponseWriter) *recorder {
	for {
		if rec, ok := w.(*recorder); ok {
			return rec
		}
		w = w.(interface{ Unwrap() http.ResponseWriter }).Unwrap()
	}
}

// begun reports whether something of the answer has been written.
func (r *recorder) begun() bool { return r.status != 0 }

func (r *recorder) WriteHeader(status int) {
	r.begin(status)
	r.Flow.mayWrite()
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	r.begin(http.StatusOK)
	return r.Flow.write(r.ResponseWriter, p)
}

// begin notes the status. Who is answered before all of the body is here is
// refused: the rest is neither waited for nor read, and the connection ends.
func (r *recorder) begin(status int) {
	if r.begun() {
		return
	}
	r.status = status
	if r.http1 && (!r.body.whole() || r.Flow.readingStopped()) {
		r.Header().Set("Connection", "close")
		r.leaveUnread()
	}
}

// leaveUnread tells net/http that there is more of the body than was read. It then ends its
// half of the connection and waits for half a second before it closes the other: what is
// closed with something unread in it is reset, and a client that is still sending would
// lose the answer. It learns of that only by a body that is longer than a limit.
func (r *recorder) leaveUnread() {
	longer := http.MaxBytesReader(r.ResponseWriter, io.NopCloser(strings.NewReader("x")), 0)
	_, _ = longer.Read(make([]byte, 1))
}

// finish ends the request, so that nothing of it holds the connection.
func (r *recorder) finish() {
	if r.status == http.StatusSwitchingProtocols {
		return
	}
	r.begin(http.StatusOK)
	if !r.body.whole() {
		r.Flow.StopReading()
	}
	r.Flow.mayWrite()
}

// Hijack hands the connection over to a WebSocket, which has deadlines of its own.
func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	r.status = http.StatusSwitchingProtocols
	return http.NewResponseController(r.ResponseWriter).Hijack()
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
