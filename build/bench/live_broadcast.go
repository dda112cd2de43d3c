package main

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// crowd measures many idle sockets, whose other ends are in a process of their
// own, and how long a change takes to reach all of them.
func (l *liveServer) crowd(ctx context.Context, b *bench) error {
	s, err := l.open("crowd")
	if err != nil {
		return err
	}
	before, err := residentBytes()
	if err != nil {
		return err
	}
	crowd, err := startCrowd(ctx, crowdLive, l.address)
	if err != nil {
		return err
	}
	defer crowd.stop()
	after, err := residentBytes()
	if err != nil {
		return err
	}
	b.report(result{Name: "live_memory_10000", Value: float64(after-before) / 1e6, Unit: "MB", Allocs: -1})

	var written, heard []time.Duration
	for range liveBroadcasts {
		out := l.whenWritten(l.hub.Figures().Deltas + liveSockets)
		if _, err := s.upload(ctx, nil); err != nil {
			return err
		}
		last, err := crowd.allHeard()
		if err != nil {
			return err
		}
		began := s.announcedLast()
		written, heard = append(written, (<-out).Sub(began)), append(heard, last.Sub(began))
	}
	crowd.stop()
	floor, err := plainBroadcasts(ctx)
	if err != nil {
		return err
	}
	b.note("broadcasts to %d sockets: until written %s, until heard %s, the plainest writes until heard %s",
		liveSockets, spread(written), spread(heard), spread(floor))
	b.report(result{Name: "live_broadcast_10000_written", Value: milliseconds(median(written)), Unit: "ms", Allocs: -1})
	b.report(result{
		Name: "live_broadcast_10000", Value: milliseconds(median(heard)), Unit: "ms",
		Floor: "plain_writes", FloorValue: milliseconds(median(floor)), Allocs: -1,
	})
	return nil
}

// whenWritten tells when the server has sent so many deltas in all, to a
// millisecond.
func (l *liveServer) whenWritten(deltas int64) <-chan time.Time {
	out := make(chan time.Time, 1)
	go func() {
		ticker := time.NewTicker(time.Millisecond)
		defer ticker.Stop()
		for l.hub.Figures().Deltas < deltas {
			<-ticker.C
		}
		out <- time.Now()
	}()
	return out
}

// plainBroadcasts measures what a broadcast takes at the least: the same bytes,
// written to as many bare TCP connections, one write each, to the same crowd.
func plainBroadcasts(ctx context.Context) ([]time.Duration, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer listener.Close()
	conns := make([]net.Conn, 0, liveSockets)
	defer func() {
		for _, c := range conns {
			_ = c.Close()
		}
	}()
	accepted := make(chan error, 1)
	go func() {
		for range liveSockets {
			c, err := listener.Accept()
			if err != nil {
				accepted <- err
				return
			}
			conns = append(conns, c)
		}
		accepted <- nil
	}()
	crowd, err := startCrowd(ctx, crowdPlain, listener.Addr().String())
	if err != nil {
		return nil, err
	}
	defer crowd.stop()
	if err := <-accepted; err != nil {
		return nil, err
	}
	frame := plainFrame(deltaBytes)
	var times []time.Duration
	for range liveBroadcasts {
		began := time.Now()
		writeAll(conns, frame)
		last, err := crowd.allHeard()
		if err != nil {
			return nil, err
		}
		times = append(times, last.Sub(began))
	}
	return times, nil
}

// deltaBytes is about what the delta of one upload takes.
const deltaBytes = 400

// plainFrame is a text message of so many bytes, as it goes over the wire.
func plainFrame(size int) []byte {
	return append([]byte{0x81, 126, byte(size >> 8), byte(size)}, make([]byte, size)...)
}

// writeAll writes to all connections, from a goroutine a core.
func writeAll(conns []net.Conn, frame []byte) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(conns); i = next.Add(1) - 1 {
				_, _ = conns[i].Write(frame) // a reader that is lost is missed by the crowd
			}
		})
	}
	group.Wait()
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

func spread(times []time.Duration) string {
	slices.Sort(times)
	return fmt.Sprintf("%v to %v", times[0].Round(time.Millisecond), times[len(times)-1].Round(time.Millisecond))
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }
