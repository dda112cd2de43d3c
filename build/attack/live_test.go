package attack

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"ret/shared/wire"
	"ret/shared/workspace"
)

// live opens the live channel and says hello.
func (c *client) live(name string) (*websocket.Conn, error) {
	dialer := websocket.Dialer{Subprotocols: []string{wire.Subprotocol}, HandshakeTimeout: attackTime}
	conn, res, err := dialer.Dial(strings.Replace(c.server.URL, "http", "ws", 1)+"/api/v1/live", http.Header{"Cookie": {c.cookie()}})
	if err != nil {
		return nil, fmt.Errorf("%w: %+v", err, res)
	}
	hello, err := wire.Encode(wire.Hello{Client: name, View: wire.ViewData})
	if err == nil {
		err = conn.WriteMessage(websocket.TextMessage, hello)
	}
	return conn, err
}

// hear reads up to the first frame of a type.
func hear[F wire.Frame](conn *websocket.Conn, within time.Duration) (f F, err error) {
	_ = conn.SetReadDeadline(time.Now().Add(within))
	for {
		_, text, err := conn.ReadMessage()
		if err != nil {
			return f, err
		}
		if frame, err := wire.DecodeServer(text); err != nil {
			return f, err
		} else if f, is := frame.(F); is {
			return f, nil
		}
	}
}

// change is the text of a mutation.
func change(t testing.TB, client string, n int64, name, args string) []byte {
	t.Helper()
	text, err := wire.Encode(wire.Mutate{Client: client, N: n, Name: name, Args: []byte(args)})
	if err != nil {
		t.Error(err)
	}
	return text
}

// As many mutations as the network takes are done at the rate of the session: who
// sends them loses none, and keeps its socket.
func TestMutationsAreMetered(t *testing.T) {
	const limit, sockets = 400, 8
	server := start(t, "RATE_LIMIT_REQUESTS=1000", fmt.Sprint("RATE_LIMIT_SESSION_REQUESTS=", limit), "RATE_LIMIT_WINDOW_SECONDS=60")
	who := signIn(t, server, "admin")
	var answered, sent atomic.Int64
	besiege(t, server, func() {
		var all sync.WaitGroup
		conns := map[string]*websocket.Conn{} // all open before the rate is used up
		for i := range sockets {
			name := fmt.Sprint("flood", i)
			conn, err := who.live(name)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			conns[name] = conn
		}
		for name, conn := range conns {
			all.Go(func() {
				_ = conn.SetWriteDeadline(time.Now().Add(2 * time.Second))
				for n := int64(1); ; n++ {
					if conn.WriteMessage(websocket.TextMessage, change(t, name, n, workspace.MutationEntryDelete, `{"key":"k"}`)) != nil {
						return
					}
					sent.Add(1)
				}
			})
			all.Go(func() {
				for end := time.Now().Add(3 * time.Second); ; answered.Add(1) {
					if _, err := hear[*wire.Ack](conn, time.Until(end)); err != nil {
						if errors.As(err, new(*websocket.CloseError)) {
							t.Errorf("a client that sends too much is sent away: %v", err)
						}
						return
					}
				}
			})
		}
		all.Wait()
	})
	t.Logf("%d sent, %d answered", sent.Load(), answered.Load())
	if n := answered.Load(); n < limit/2 || n > limit || sent.Load() < 2*limit {
		t.Errorf("%d of %d mutations were done, %d requests may be made", n, sent.Load(), limit)
	}
	who.signOut()
}

// One session has so many sockets, and what others open are closed with a reason.
func TestSocketsOfOneSession(t *testing.T) {
	server := start(t)
	who := signIn(t, server, "admin")
	besiege(t, server, func() {
		var all sync.WaitGroup
		var open, refused atomic.Int64
		for range 20 {
			all.Go(func() {
				for range 20 {
					conn, err := who.live("crowd")
					if conn == nil {
						t.Error(err)
						return
					}
					defer conn.Close()
					_, err = hear[*wire.Welcome](conn, attackTime)
					if closed := (*websocket.CloseError)(nil); errors.As(err, &closed) && closed.Code == websocket.CloseTryAgainLater {
						refused.Add(1)
					} else if err == nil {
						open.Add(1)
					}
				}
			})
		}
		all.Wait()
		if open.Load() < 64 || refused.Load() == 0 || descriptors(server) > 200 {
			t.Errorf("%d sockets were open, %d refused, %d descriptors", open.Load(), refused.Load(), descriptors(server))
		}
	})
}

// Six hundred frames of a megabyte that never end, by ten sessions: the server keeps
// little of what comes of them.
func TestUnfinishedFrames(t *testing.T) {
	server := start(t)
	var attackers []*client
	for range 10 {
		attackers = append(attackers, signIn(t, server, "admin"))
	}
	most := 1 << 20
	body := strings.Repeat(" ", 120_000)
	besiege(t, server, func() {
		var all sync.WaitGroup
		turns := make(chan struct{}, 16)
		for _, who := range attackers {
			cookie := who.cookie()
			for range 60 {
				s := dial(t, server)
				turns <- struct{}{} // many handshakes at once are another attack
				all.Go(func() {
					defer func() { <-turns }()
					s.send(head("GET", "/api/v1/live", "Connection: Upgrade\r\n", "Upgrade: websocket\r\n", "Sec-WebSocket-Version: 13\r\n",
						"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "Sec-WebSocket-Protocol: ret.v1\r\n", "Cookie: "+cookie+"\r\n"))
					if got := s.status(attackTime); got != http.StatusSwitchingProtocols {
						t.Errorf("status %d", got)
					}
					_ = s.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
					s.send(string([]byte{0x81, 0x80 | 127, 0, 0, 0, 0, 0, byte(most >> 16), byte(most >> 8), byte(most), 0, 0, 0, 0}))
					s.send(body)
				})
			}
		}
		all.Wait()
	})
	attackers[0].signOut()
}
