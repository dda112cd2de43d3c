package chain

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ret/shared/fault"
)

// hasty waits for no one for long.
var hasty = paces{
	request: pace{idle: 100 * time.Millisecond, grace: 300 * time.Millisecond, rate: 1 << 20},
	upload:  pace{idle: 300 * time.Millisecond, grace: time.Minute, rate: 1},
	answer:  pace{idle: 100 * time.Millisecond, grace: 300 * time.Millisecond, rate: 1 << 20},
}

// serveHasty serves a handler below the chain's outermost links; what it returns
// comes out of ended.
func serveHasty(t *testing.T, handler func(w http.ResponseWriter, r *http.Request) error) (addr string, ended chan error) {
	t.Helper()
	s := &Server{Parts: Parts{Log: slog.New(slog.DiscardHandler)}, paces: hasty}
	ended = make(chan error, 1)
	server := httptest.NewUnstartedServer(identify(s.observe(s.Plain(func(w http.ResponseWriter, r *http.Request) error {
		err := handler(w, r)
		ended <- err
		return err
	}))))
	server.Config.ConnContext = ConnContext
	server.Start()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), ended
}

func dialTo(t *testing.T, addr, request string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err == nil {
		_, err = io.WriteString(c, request)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// within waits for the handler's end.
func within(t *testing.T, ended <-chan error, d time.Duration) error {
	t.Helper()
	select {
	case err := <-ended:
		return err
	case <-time.After(d):
		t.Fatalf("not ended within %v", d)
		return nil
	}
}

func readBody(_ http.ResponseWriter, r *http.Request) error {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return fault.Wrap(fault.Invalid, err, "It broke off.")
	}
	return nil
}

// A body that stops coming is ended, and so is one of which a byte comes now and
// then; the client is told.
func TestSlowBodiesAreEnded(t *testing.T) {
	const request = "POST /api/v1/x HTTP/1.1\r\nHost: ret\r\nContent-Length: 1000\r\n\r\n"
	t.Run("stopped", func(t *testing.T) {
		addr, ended := serveHasty(t, readBody)
		c := dialTo(t, addr, request+"x")
		if err := within(t, ended, 5*time.Second); err == nil {
			t.Error("a body of one byte is whole")
		}
		answer, err := io.ReadAll(c)
		if err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 400 ")) {
			t.Errorf("answer %q, %v", answer, err)
		}
	})
	t.Run("trickling", func(t *testing.T) {
		addr, ended := serveHasty(t, readBody)
		c := dialTo(t, addr, request)
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		for sent := 0; sent < 1000; sent++ {
			select {
			case err := <-ended:
				if err == nil {
					t.Error("a trickling body is whole")
				}
				return
			case <-ticker.C:
				_, _ = c.Write([]byte("x"))
			}
		}
		t.Error("a trickling body came to its end")
	})
	t.Run("an upload has longer", func(t *testing.T) {
		addr, ended := serveHasty(t, func(w http.ResponseWriter, r *http.Request) error {
			RecorderOf(w).Flow.ExpectUpload()
			return readBody(w, r)
		})
		c := dialTo(t, addr, "POST /api/v1/x HTTP/1.1\r\nHost: ret\r\nContent-Length: 30\r\n\r\n")
		for range 30 {
			_, _ = c.Write([]byte("x"))
			time.Sleep(20 * time.Millisecond) // the network that this test is about
		}
		if err := within(t, ended, 5*time.Second); err != nil {
			t.Error(err)
		}
	})
}

// A client that does not read is not waited for.
func TestSlowReadersAreEnded(t *testing.T) {
	addr, ended := serveHasty(t, func(w http.ResponseWriter, _ *http.Request) error {
		_, err := w.Write(make([]byte, 64<<20))
		return err
	})
	dialTo(t, addr, "GET /api/v1/x HTTP/1.1\r\nHost: ret\r\n\r\n")
	if err := within(t, ended, 5*time.Second); err == nil {
		t.Error("64 MiB were written to nobody")
	}
}

// What has begun is broken off by an error or a panic, never ended as if whole and
// never followed by a problem.
func TestBegunAnswersAreBrokenOff(t *testing.T) {
	for name, end := range map[string]func() error{
		"error": func() error { return fault.New(fault.Internal, "It went wrong.") },
		"panic": func() error { panic("it went wrong") },
	} {
		t.Run(name, func(t *testing.T) {
			addr, _ := serveHasty(t, func(w http.ResponseWriter, _ *http.Request) error {
				fmt.Fprint(w, "a,b\n")
				_ = http.NewResponseController(w).Flush()
				return end()
			})
			res, err := http.Get("http://" + addr + "/api/v1/x")
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if got, err := io.ReadAll(res.Body); err == nil || string(got) != "a,b\n" {
				t.Errorf("a whole answer: %q, %v", got, err)
			}
		})
	}
}

// A connection goes on after a request whose body was read, and after a long look
// at something.
func TestConnectionsAreUsedAgain(t *testing.T) {
	addr, ended := serveHasty(t, func(w http.ResponseWriter, r *http.Request) error {
		err := readBody(w, r)
		time.Sleep(400 * time.Millisecond) // longer than any deadline
		if err == nil && r.Context().Err() != nil {
			err = r.Context().Err()
		}
		w.WriteHeader(http.StatusNoContent)
		return err
	})
	c := dialTo(t, addr, "")
	for range 2 {
		_, _ = io.WriteString(c, "POST /api/v1/x HTTP/1.1\r\nHost: ret\r\nContent-Length: 2\r\n\r\nab")
		if err := within(t, ended, 5*time.Second); err != nil {
			t.Error(err)
		}
		answer := make([]byte, 1<<10)
		if n, err := c.Read(answer); err != nil || !bytes.HasPrefix(answer[:n], []byte("HTTP/1.1 204 ")) {
			t.Errorf("%q, %v", answer[:n], err)
		}
	}
}

// Who is refused in the midst of a body, and goes on sending, finds the answer: the
// connection is not reset before it can be read.
func TestRefusedSendersFindTheAnswer(t *testing.T) {
	addr, ended := serveHasty(t, func(_ http.ResponseWriter, r *http.Request) error {
		_, err := io.ReadFull(r.Body, make([]byte, 100))
		return errors.Join(err, fault.New(fault.NoSpace, "The disk is full."))
	})
	request := "POST /api/v1/x HTTP/1.1\r\nHost: ret\r\nContent-Length: 9000000\r\nExpect: 100-continue\r\n\r\n"
	c := dialTo(t, addr, request+strings.Repeat("x", 200_000))
	_ = within(t, ended, 5*time.Second)
	for end := time.Now().Add(200 * time.Millisecond); time.Now().Before(end); {
		if _, err := c.Write([]byte{0}); err != nil {
			t.Fatalf("the connection ends while the answer may be on its way: %v", err)
		}
	}
	if answer, err := io.ReadAll(io.LimitReader(c, 1<<10)); !bytes.Contains(answer, []byte(" 507 ")) {
		t.Errorf("finds %q, %v", answer, err)
	}
}
