package attack

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"ret/build/retproc"
)

// socket is a connection to a server over which a test sends what no proper client
// would.
type socket struct {
	net.Conn
	reader *bufio.Reader
}

// dial connects to a server; the test's end closes what it has not closed.
func dial(t testing.TB, server *retproc.Server) *socket {
	t.Helper()
	s, err := connect(server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// connect is dial for those who expect to be refused.
func connect(server *retproc.Server) (*socket, error) { return connectFrom(server, "") }

// connectFrom connects from another address of this machine, as 127.0.0.2.
func connectFrom(server *retproc.Server, from string) (*socket, error) {
	d := net.Dialer{Timeout: 5 * time.Second}
	if from != "" {
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(from)}
	}
	_, addr, _ := strings.Cut(server.URL, "://")
	conn, err := d.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &socket{conn, bufio.NewReader(conn)}, nil
}

// head is the head of a request; header lines end in \r\n.
func head(method, path string, lines ...string) string {
	return fmt.Sprintf("%s %s HTTP/1.1\r\nHost: ret\r\n%s\r\n", method, path, strings.Join(lines, ""))
}

// send writes text; that the server has closed meanwhile is no error.
func (s *socket) send(text string) { _, _ = io.WriteString(s, text) }

// status reads an answer's head and returns its status, or 0 if there is none in
// time.
func (s *socket) status(within time.Duration) int {
	_ = s.SetReadDeadline(time.Now().Add(within))
	res, err := http.ReadResponse(s.reader, nil)
	if err != nil {
		return 0
	}
	return res.StatusCode
}

// closed reports whether the server ends the connection in time. It reads what
// comes until then.
func (s *socket) closed(within time.Duration) bool {
	_ = s.SetReadDeadline(time.Now().Add(within))
	_, err := io.Copy(io.Discard, s.reader)
	timeout, is := err.(net.Error)
	return !is || !timeout.Timeout()
}
