package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"ret/server/live"
	"ret/shared/entries"
	"ret/shared/wire"
	"ret/shared/workspace"
)

// fill makes n changes of about 50 kB each.
func (s *session) fill(t testing.TB, n int) int64 {
	t.Helper()
	for range n {
		s.upload(t, strings.Repeat("x", 50<<10))
	}
	return s.seq(t)
}

// narrow gives a client a small window, so that it takes little that it has not
// read.
func narrow(t testing.TB, c *tab) {
	t.Helper()
	if err := c.NetConn().(*net.TCPConn).SetReadBuffer(64 << 10); err != nil {
		t.Fatal(err)
	}
}

// waitForSlow waits until the hub has given up that many sockets.
func waitForSlow(t testing.TB, hub *live.Hub, n int64) {
	t.Helper()
	deadline := time.Now().Add(patience)
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for hub.Figures().Slow < n {
		if time.Now().After(deadline) {
			t.Fatalf("%+v", hub.Figures())
		}
		<-ticker.C
	}
}

// A client that stops reading does not hold up the others, and comes back with
// its cursor once it reads again.
func TestSlowClientIsSentAwayAndComesBack(t *testing.T) {
	slowAfter := time.Second // what a client that reads stays below
	if raceDetector {
		slowAfter = 4 * time.Second
	}
	s := serve(t, live.Config{SlowAfter: slowAfter}, "a")
	a := s.sessions["a"]
	slow, quick := s.join("a", wire.Hello{}), s.join("a", wire.Hello{})
	expect[*wire.Welcome](slow)
	expect[*wire.Welcome](quick)
	narrow(t, slow)
	reached := make(chan int64)
	go func() {
		for frame, err := quick.hear(); err == nil; frame, err = quick.hear() {
			if d, ok := frame.(*wire.Delta); ok {
				reached <- d.To
			}
		}
		close(reached)
	}()
	filled := make(chan int64)
	go func() { filled <- a.fill(t, 200) }() // 10 MB, more than the system buffers
	var seq int64
	for got := int64(0); seq == 0 || got < seq; {
		select {
		case seq = <-filled:
		case to, ok := <-reached:
			if !ok {
				t.Fatalf("the quick one is held up at %d", got)
			}
			got = to
		}
	}
	_ = quick.Close()

	at := int64(0)
	<-time.After(slowAfter + 100*time.Millisecond)
	for {
		frame, err := slow.hear()
		if d, ok := frame.(*wire.Delta); ok && d.From == at {
			at = d.To
			continue
		}
		var closed *websocket.CloseError
		if !errors.As(err, &closed) || closed.Code != wire.CodeTooSlow {
			t.Fatalf("at %d of %d: %+v, %v", at, seq, frame, err)
		}
		break
	}
	if at >= seq || s.hub.Figures().Slow != 1 {
		t.Errorf("has %d of %d, %+v", at, seq, s.hub.Figures())
	}
	back := s.join("a", wire.Hello{Epoch: a.Epoch(), Cursor: at})
	back.until(at, seq)
}

// In a large room a few goroutines write to all: sockets that take nothing must
// not use them up.
func TestManyDeadClientsHoldUpNobody(t *testing.T) {
	s := serve(t, live.Config{SlowAfter: time.Minute, GiveUpAfter: time.Minute}, "a")
	for range 24 {
		dead := s.join("a", wire.Hello{})
		expect[*wire.Welcome](dead)
		narrow(t, dead)
	}
	quick := s.join("a", wire.Hello{})
	expect[*wire.Welcome](quick)
	seq := s.sessions["a"].fill(t, 120) // 6 MB, more than the system buffers
	quick.until(0, seq)
	if slow := s.hub.Figures().Slow; slow != 0 || s.hub.Clients() != 25 {
		t.Errorf("%d sent away, %d clients", slow, s.hub.Clients())
	}
}

// A client that never reads again is cut off without a word.
func TestDeadClientIsCutOff(t *testing.T) {
	s := serve(t, live.Config{GiveUpAfter: 50 * time.Millisecond}, "a")
	dead := s.join("a", wire.Hello{})
	expect[*wire.Welcome](dead)
	narrow(t, dead)
	s.sessions["a"].fill(t, 200)
	waitForClients(t, s.hub, 0)
}

func waitForClients(t testing.TB, hub *live.Hub, n int) {
	t.Helper()
	deadline := time.Now().Add(patience)
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for hub.Clients() != n {
		if time.Now().After(deadline) {
			t.Fatalf("%d clients, expected %d", hub.Clients(), n)
		}
		<-ticker.C
	}
}

// A purge does not wait for a client that does not read.
func TestPurgeDoesNotWaitForTheDead(t *testing.T) {
	s := serve(t, live.Config{CloseWithin: 200 * time.Millisecond}, "a")
	dead := s.join("a", wire.Hello{})
	expect[*wire.Welcome](dead)
	narrow(t, dead)
	s.sessions["a"].fill(t, 200)
	started := time.Now()
	s.sessions["a"].room.Purge("logout")()
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	waitForClients(t, s.hub, 0)
}

// Answers that a client asked for and does not read are bounded too.
func TestUnreadAnswersEndTheSocket(t *testing.T) {
	s := serve(t, live.Config{
		SlowAfter: time.Minute,
		Mutate: func(_ context.Context, _ string, m workspace.Mutation) (workspace.Answer, error) {
			return workspace.Answer{N: m.N, Code: "conflict", Detail: strings.Repeat("x", 50<<10)}, nil
		},
	}, "a")
	c := s.join("a", wire.Hello{Client: "me"})
	expect[*wire.Welcome](c)
	narrow(t, c)
	text := must(wire.Encode(wire.Mutate{Client: "me", N: 1, Name: "job.cancel", Args: json.RawMessage(`{}`)}))(t)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for c.WriteMessage(websocket.TextMessage, text) == nil {
		}
	}()
	waitForSlow(t, s.hub, 1)
	_ = c.NetConn().Close()
	<-ended
}

func TestSilentClientIsGone(t *testing.T) {
	s := serve(t, live.Config{PingEvery: 500 * time.Millisecond}, "a") // twice that is what a busy machine needs for a pong
	answering, silent := s.join("a", wire.Hello{}), s.join("a", wire.Hello{})
	expect[*wire.Welcome](answering)
	expect[*wire.Welcome](silent) // and reads no more, so it answers no ping
	pinged := make(chan struct{}, 100)
	answering.SetPingHandler(func(data string) error {
		pinged <- struct{}{}
		return answering.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(patience))
	})
	go func() { _, _ = answering.hear() }()
	waitForClients(t, s.hub, 1)
	for range 5 {
		<-pinged
	}
	if n := s.hub.Clients(); n != 1 {
		t.Errorf("%d clients: one that answers pings must stay", n)
	}
}

// Deletions are remembered for some time only: who was away for longer starts
// again.
func TestCursorOlderThanTheOldestDeletionStartsAnew(t *testing.T) {
	s := serve(t, live.Config{}, "a")
	a := s.sessions["a"]
	_, seen := a.upload(t, "a.zip")
	err := a.Entries().Write(t.Context(), func(tx *entries.Tx) error {
		keys := make([]string, 12_000)
		for i := range keys {
			keys[i] = workspace.NewID()
			if err := tx.Put(entries.Stored{Key: keys[i], Used: 1, StoredAt: time.Now()}); err != nil {
				return err
			}
		}
		if err := tx.Settle(); err != nil {
			return err
		}
		for _, key := range keys {
			if err := tx.Delete(key); err != nil {
				return err
			}
		}
		return tx.Settle()
	})
	if err != nil {
		t.Fatal(err)
	}
	if floor := must(a.Cursor(context.WithoutCancel(t.Context())))(t).Floor; floor <= seen {
		t.Fatalf("floor %d, seen %d", floor, seen)
	}
	c := s.join("a", wire.Hello{Epoch: a.Epoch(), Cursor: seen})
	expect[*wire.Reset](c)
	if changes := c.until(0, a.seq(t)); len(changes) != 1 {
		t.Errorf("%d changes", len(changes))
	}
}
