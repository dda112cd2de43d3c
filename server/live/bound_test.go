package live_test

import (
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"ret/server/live"
	"ret/shared/wire"
	"ret/shared/workspace"
)

// mutate says a mutation that does nothing but get an answer.
func (c *tab) mutate(client string, n int64) {
	c.Helper()
	c.say(wire.Mutate{Client: client, N: n, Name: "entry.delete", Args: []byte(`{"key":"k"}`)})
}

// gate admits as many mutations as it is told to.
type gate struct {
	mu    sync.Mutex
	left  int
	asked int
}

func (g *gate) admit(string) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked++
	if g.left == 0 {
		return 2 * time.Millisecond
	}
	g.left--
	return 0
}

func (g *gate) open(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.left = n
}

// A client that sends more than its session may is slowed down: it keeps its
// socket, hears what is committed meanwhile, and is answered in the end, in order.
func TestMutationsOverTheRateWaitAndAreNotLost(t *testing.T) {
	const many = 100
	g := &gate{left: 10}
	s := serve(t, live.Config{Admit: g.admit, PingEvery: 250 * time.Millisecond}, "a")
	a := s.sessions["a"]
	c := s.join("a", wire.Hello{Client: "tab"})
	expect[*wire.Welcome](c)
	for n := range int64(many) {
		c.mutate("tab", n+1)
	}
	at := c.acks(1, 10, 0)
	_, seq := a.upload(t, "meanwhile.zip")
	c.until(at, seq)
	if n := must(a.LastMutation(t.Context(), "tab"))(t); n != 10 {
		t.Errorf("%d mutations were done, 10 may be", n)
	}
	time.Sleep(600 * time.Millisecond) // longer than a silent client may be: its pongs are not read meanwhile
	g.open(many)
	c.acks(11, many, seq)
}

// acks reads the answers of so many mutations, which must come in order. The deltas
// among them must chain from at on; it returns where they end.
func (c *tab) acks(first, last, at int64) int64 {
	c.Helper()
	for n := first; n <= last; {
		frame, err := c.hear()
		if err != nil {
			c.Fatal(err)
		}
		switch f := frame.(type) {
		case *wire.Ack:
			if f.N != n {
				c.Fatalf("answered %d, expected %d", f.N, n)
			}
			n++
		case *wire.Delta:
			if f.From != at {
				c.Fatalf("a delta from %d, expected from %d", f.From, at)
			}
			at = f.To
		}
	}
	return at
}

// Whoever waits for the rate is sent away at once like everybody else.
func TestPurgeDoesNotWaitForTheRate(t *testing.T) {
	g := &gate{}
	s := serve(t, live.Config{Admit: func(id string) time.Duration { g.admit(id); return time.Hour }}, "a")
	c := s.join("a", wire.Hello{Client: "tab"})
	expect[*wire.Welcome](c)
	c.mutate("tab", 1)
	waitUntil(t, "the mutation waits", func() bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.asked > 0
	})
	s.sessions["a"].room.Purge("logout")()
	expect[*wire.Purge](c)
	if code := c.closedWith(); code != wire.CodePurged {
		t.Errorf("closed with %d", code)
	}
}

func waitUntil(t testing.TB, what string, holds func() bool) {
	t.Helper()
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(patience); !holds(); <-ticker.C {
		if time.Now().After(end) {
			t.Fatal("not in time: " + what)
		}
	}
}

// A client's own pings are requests too.
func TestPingsAreMetered(t *testing.T) {
	g := &gate{left: 3}
	s := serve(t, live.Config{Admit: g.admit}, "a")
	c := s.join("a", wire.Hello{Client: "tab"})
	expect[*wire.Welcome](c)
	pongs := 0
	c.SetPongHandler(func(string) error { pongs++; return nil })
	for range 10 {
		if err := c.WriteControl(websocket.PingMessage, nil, time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
	}
	_, seq := s.sessions["a"].upload(t, "one.zip")
	c.until(0, seq)
	_, next := s.sessions["a"].upload(t, "two.zip")
	c.until(seq, next)
	if pongs > 3 {
		t.Errorf("%d pongs, 3 requests may be made", pongs)
	}
}

// A session has so many sockets and no more; one that is closed makes room.
func TestSocketsOfASessionAreBounded(t *testing.T) {
	s := serve(t, live.Config{MaxSockets: 3}, "a", "b")
	var open []*tab
	for range 3 {
		c := s.join("a", wire.Hello{})
		expect[*wire.Welcome](c)
		open = append(open, c)
	}
	var closed *websocket.CloseError
	_, err := s.connect("a").hear()
	if closed, _ = err.(*websocket.CloseError); closed == nil || closed.Code != websocket.CloseTryAgainLater || !strings.Contains(closed.Text, "tabs") {
		t.Errorf("the fourth: %v", err)
	}
	expect[*wire.Welcome](s.join("b", wire.Hello{}))
	_ = open[0].Close()
	waitUntil(t, "its place is free", func() bool { return s.sessions["a"].room.Clients() < 3 })
	expect[*wire.Welcome](s.join("a", wire.Hello{}))
}

// beginFrame sends the head of a text message and so much of it.
func beginFrame(t testing.TB, conn net.Conn, announced, sent int) {
	t.Helper()
	begin(t, conn, 0x81, announced, sent)
}

func begin(t testing.TB, conn net.Conn, kind byte, announced, sent int) {
	t.Helper()
	head := []byte{kind, 0x80 | 127, 0, 0, 0, 0, byte(announced >> 24), byte(announced >> 16), byte(announced >> 8), byte(announced), 0, 0, 0, 0}
	if _, err := conn.Write(append(head, strings.Repeat(" ", sent)...)); err != nil {
		t.Fatal(err)
	}
}

// A frame that has begun must go on: pongs between its parts do not help, and what
// comes byte by byte has an end too.
func TestUnfinishedFrameIsEnded(t *testing.T) {
	const within = 150 * time.Millisecond
	const whole, part = 0x81, 0x01 // a text message, and the first part of one
	s := serve(t, live.Config{FrameWithin: within, PingEvery: time.Hour}, "a")
	for name, c := range map[string]struct {
		kind      byte
		announced int
		trickle   string
	}{
		"nothing more":            {whole, 1 << 20, ""},
		"byte by byte":            {whole, 1 << 20, " "},
		"pongs between its parts": {part, 100, "\x8a\x80\x00\x00\x00\x00"},
	} {
		t.Run(name, func(t *testing.T) {
			joined := s.join("a", wire.Hello{})
			expect[*wire.Welcome](joined)
			began := time.Now()
			begin(t, joined.NetConn(), c.kind, c.announced, 100)
			stop := make(chan struct{})
			defer close(stop)
			go trickle(joined.NetConn(), c.trickle, within/10, stop)
			if code := joined.closedWith(); code != wire.CodeTooSlow || time.Since(began) < within/2 {
				t.Errorf("closed with %d after %v", code, time.Since(began))
			}
		})
	}
}

// trickle writes a text again and again until it is stopped.
func trickle(conn net.Conn, text string, every time.Duration, stop <-chan struct{}) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
			_, _ = conn.Write([]byte(text))
		}
	}
}

// A large frame of one socket waits until those of others are there or given up,
// and then goes through; small ones pass by.
func TestLargeFramesTakeTurns(t *testing.T) {
	const within = 300 * time.Millisecond
	s := serve(t, live.Config{FrameWithin: within}, "a")
	began := time.Now()
	var ended sync.WaitGroup
	for range 6 { // more than a room has turns
		c := s.join("a", wire.Hello{})
		expect[*wire.Welcome](c)
		beginFrame(t, c.NetConn(), 1<<20, 100_000)
		ended.Go(func() { c.closedWith() })
	}
	small := s.join("a", wire.Hello{Client: "small"})
	small.mutate("small", 1)
	expect[*wire.Ack](small)
	large := s.join("a", wire.Hello{Client: "large"})
	large.say(wire.Mutate{Client: "large", N: 1, Name: workspace.MutationEntryPut, Args: []byte(`{"key":"k","value":"` + strings.Repeat("AAAA", 200_000) + `"}`)})
	if ack := expect[*wire.Ack](large); ack.N != 1 {
		t.Errorf("%+v", ack)
	}
	// Who waited for a turn has all its time from then on.
	ended.Wait()
	if took := time.Since(began); took < 2*within {
		t.Errorf("all had a turn at once: they were ended after %v", took)
	}
}
