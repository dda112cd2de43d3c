package ratelimit

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

// handClock is a clock that a test moves.
type handClock struct {
	mu sync.Mutex
	at time.Time
}

func newHandClock() *handClock { return &handClock{at: time.Unix(1_700_000_000, 0)} }

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *handClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func TestExactlyTheLimitPassesWith32CallersAtOnce(t *testing.T) {
	l := New(Config{Limit: 100, Window: time.Minute})
	passed := make([]int, 32)
	var callers sync.WaitGroup
	for i := range passed {
		callers.Go(func() {
			for range 50 {
				if l.Allow("someone").Allowed {
					passed[i]++
				}
			}
		})
	}
	callers.Wait()
	total := 0
	for _, n := range passed {
		total += n
	}
	if total != 100 {
		t.Fatalf("%d passed, want 100", total)
	}
}

// However a window is laid over what passed, it holds no more than the limit,
// and nothing is refused while there is room.
func TestNoWindowAtAnyOffsetPassesMore(t *testing.T) {
	const limit, window = 7, time.Second
	random := rand.New(rand.NewPCG(1, 2))
	clock := newHandClock()
	l := New(Config{Limit: limit, Window: window, Now: clock.Now})
	var passed []time.Time
	for range 20_000 {
		clock.advance(time.Duration(random.IntN(int(window / 10))))
		now := clock.Now()
		inWindow := 0
		for _, at := range slices.Backward(passed) {
			if now.Sub(at) >= window {
				break
			}
			inWindow++
		}
		d := l.Allow("someone")
		if d.Allowed != (inWindow < limit) {
			t.Fatalf("with %d in the window, allowed is %v", inWindow, d.Allowed)
		}
		if d.Allowed {
			passed = append(passed, now)
			inWindow++
		}
		if d.Remaining != limit-inWindow {
			t.Fatalf("remaining is %d with %d in the window", d.Remaining, inWindow)
		}
	}
}

func TestResetIsWhenTheNextOnePasses(t *testing.T) {
	clock := newHandClock()
	l := New(Config{Limit: 2, Window: time.Minute, Now: clock.Now})
	l.Allow("a")
	clock.advance(10 * time.Second)
	l.Allow("a")
	d := l.Allow("a")
	if d.Allowed || d.Reset != 50*time.Second {
		t.Fatalf("got %+v", d)
	}
	clock.advance(d.Reset - 1)
	if l.Allow("a").Allowed {
		t.Fatal("passed a nanosecond too early")
	}
	clock.advance(1)
	if !l.Allow("a").Allowed {
		t.Fatal("refused after Reset")
	}
}

func TestClientsDoNotShareUnlessTheyAreOne(t *testing.T) {
	addr := netip.MustParseAddr
	l := New(Config{Limit: 1, Window: time.Minute})
	for _, a := range []string{"192.0.2.1", "192.0.2.2", "2001:db8:0:1::1", "2001:db8:0:2::1"} {
		if !l.AllowAddress(addr(a)).Allowed {
			t.Errorf("%s was refused for another's requests", a)
		}
	}
	for _, a := range []string{"192.0.2.1", "::ffff:192.0.2.1", "2001:db8:0:1:ffff::2"} {
		if l.AllowAddress(addr(a)).Allowed {
			t.Errorf("%s passed twice", a)
		}
	}
}

func TestZeroIsOff(t *testing.T) {
	b := NewBuckets(Rates{Window: time.Minute, Sessions: 1, Uploads: 1}, nil)
	for range 3 {
		if d := b.Session("s"); !d.Allowed || d.Limit != 0 {
			t.Fatalf("got %+v", d)
		}
	}
}

func TestMillionAddressesStaySmall(t *testing.T) {
	l := New(Config{Limit: 100, Window: time.Minute})
	before := heapBytes()
	for i := range uint32(1_000_000) {
		l.AllowAddress(netip.AddrFrom4([4]byte{byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)}))
	}
	held := heapBytes() - before
	if held > 64<<20 {
		t.Fatalf("%d MiB are held", held>>20)
	}
	t.Logf("%.1f MB held", float64(held)/1e6)
	runtime.KeepAlive(l)
}

func heapBytes() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A flood must neither wash out a window nor let anyone pass twice as much by
// changing between a shared window and an own one.
func TestFloodWashesOutNoWindow(t *testing.T) {
	const limit = 5
	clock := newHandClock()
	l := New(Config{Limit: limit, Window: time.Minute, Clients: 160, Now: clock.Now})
	passed := make(map[string][]time.Time)
	random := rand.New(rand.NewPCG(3, 4))
	for range 50_000 {
		clock.advance(time.Duration(random.IntN(int(40 * time.Millisecond))))
		client := fmt.Sprint(random.IntN(2000))
		if random.IntN(4) == 0 {
			client = fmt.Sprint("hot", random.IntN(5))
		}
		if l.Allow(client).Allowed {
			passed[client] = append(passed[client], clock.Now())
		}
	}
	for client, at := range passed {
		for i := limit; i < len(at); i++ {
			if d := at[i].Sub(at[i-limit]); d < time.Minute {
				t.Fatalf("%s passed %d times in %v", client, limit+1, d)
			}
		}
	}
}

func TestClientsThatStayAwayAreForgotten(t *testing.T) {
	clock := newHandClock()
	l := New(Config{Limit: 5, Window: time.Minute, Now: clock.Now})
	for i := range 10_000 {
		l.Allow(fmt.Sprint("early", i))
	}
	clock.advance(time.Minute)
	for i := range 10_000 {
		l.Allow(fmt.Sprint("late", i))
	}
	held := 0
	for i := range l.shards {
		held += l.shards[i].own.Len()
	}
	if held > 10_100 {
		t.Fatalf("%d clients are held, want about the 10,000 late ones", held)
	}
}

func TestFailsOpenAndSaysSoOnce(t *testing.T) {
	said := 0
	l := New(Config{
		Limit: 1, Window: time.Minute,
		Now: func() time.Time { panic("no clock") },
		Log: func(error) { said++ },
	})
	for range 5 {
		if d := l.Allow("a"); !d.Allowed {
			t.Fatal("a broken limiter refused")
		}
	}
	if said != 1 {
		t.Fatalf("said so %d times", said)
	}
}

func TestCheckAllocatesNothing(t *testing.T) {
	l := New(Config{Limit: 1 << 20, Window: time.Minute})
	a := netip.MustParseAddr("192.0.2.1")
	for range 2 {
		l.AllowAddress(a)
	}
	// The ring grows now and then, which averages out to nothing.
	if n := testing.AllocsPerRun(10_000, func() { l.AllowAddress(a) }); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}

func BenchmarkAllow(b *testing.B) {
	l := New(Config{Limit: 100, Window: time.Minute})
	addrs := make([]netip.Addr, 10_000)
	for i := range addrs {
		addrs[i] = netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)})
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := rand.IntN(len(addrs)); pb.Next(); i++ {
			l.AllowAddress(addrs[i%len(addrs)])
		}
	})
}
