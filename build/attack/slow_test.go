package attack

import (
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// Bodies that nobody wants are not waited for: what has no route or no right is
// answered and closed, however much is announced and however little comes.
func TestUnwantedBodiesAreClosedAtOnce(t *testing.T) {
	server := start(t)
	who := signIn(t, server, "admin")
	besiege(t, server, func() {
		var all sync.WaitGroup
		for _, bad := range []struct {
			method, path, cookie string
			status               int
		}{
			{"POST", "/nope", "", http.StatusNotFound},
			{"POST", "/api/v1/nope", "", http.StatusNotFound},
			{"POST", "/api/v1/files", "", http.StatusUnauthorized},
			{"PATCH", "/api/v1/uploads/0192f5a0-0000-7000-8000-000000000000", "", http.StatusUnauthorized},
			{"GET", "/healthz", "", http.StatusOK},
			{"GET", "/login", "", http.StatusOK},
			{"GET", "/api/v1/session", who.cookie(), http.StatusOK},
		} {
			for _, length := range []string{"Content-Length: 1000\r\n", "Content-Length: 4000000000\r\n", "Transfer-Encoding: chunked\r\n"} {
				all.Go(func() {
					s := dial(t, server)
					lines := []string{length, "Content-Type: application/json\r\n"}
					if bad.cookie != "" {
						lines = append(lines, "Cookie: "+bad.cookie+"\r\n")
					}
					s.send(head(bad.method, bad.path, lines...) + "1")
					if got := s.status(2 * time.Second); got != bad.status {
						t.Errorf("%s %s, %q: status %d, want %d", bad.method, bad.path, length, got, bad.status)
					}
					if !s.closed(2 * time.Second) {
						t.Errorf("%s %s, %q: still open", bad.method, bad.path, length)
					}
				})
			}
		}
		all.Wait()
	})
}

// A download ends with its session: who reads slowly gets no more of it than had
// left the server's machine.
func TestNothingIsDeliveredAfterSigningOut(t *testing.T) {
	server := start(t)
	who := signIn(t, server, "admin")
	content := strings.Repeat("x", 32<<20)
	var accepted struct{ Items []struct{ ID string } }
	who.upload("/api/v1/files", "large.txt", []byte(content)).want(t, 201).decode(t, &accepted)
	besiege(t, server, func() {
		s := dial(t, server)
		_ = s.Conn.(*net.TCPConn).SetReadBuffer(64 << 10) // the rest of what is sent waits at the server, some megabytes
		s.send(head("GET", "/api/v1/files/"+accepted.Items[0].ID+"/content", "Cookie: "+who.cookie()+"\r\n"))
		if got := s.status(2 * time.Second); got != http.StatusOK {
			t.Fatalf("status %d", got)
		}
		who.signOut()
		var after int64
		buffer := make([]byte, 64<<10)
		_ = s.SetReadDeadline(time.Now().Add(2 * time.Second))
		for {
			n, err := s.Read(buffer)
			if after += int64(n); err != nil {
				break
			}
		}
		if after > 256<<10 {
			t.Errorf("%d kB came after the sign-out", after>>10)
		}
	})
}

// Five thousand connections of one address, each of which begins a request and goes
// no further, leave room for others, though the server may have 1,024 descriptors.
func TestConnectionsOfOneAddress(t *testing.T) {
	server := confine(t, "ulimit -n 1024", "RATE_LIMIT_REQUESTS=100000", "RATE_LIMIT_SESSION_REQUESTS=100000", "RATE_LIMIT_LOGIN_REQUESTS=1000")
	sockets := make(chan *socket, 5000)
	f := besiege(t, server, func() {
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				for range 250 {
					s, err := connectFrom(server, "127.0.0.2")
					if err != nil {
						continue // it was closed at once
					}
					s.send(head("POST", "/api/v1/login", "Content-Length: 1000\r\n") + "{")
					sockets <- s
				}
			})
		}
		all.Wait()
		signIn(t, server, "admin")
	})
	close(sockets)
	for s := range sockets {
		_ = s.Close()
	}
	if f.descriptors > 400 {
		t.Errorf("the server had %d descriptors", f.descriptors)
	}
}
