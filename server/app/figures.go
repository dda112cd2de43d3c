package app

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"ret/server/metrics"
	"ret/shared/cache"
)

// describe adds the figures of all parts to the metrics. What they read must be
// cheap: it happens at every scrape.
func (a *App) describe(m *metrics.Metrics, memory *cache.Memory) {
	count := func(name, help string, read func() int) {
		m.Gauge(name, help, func() float64 { return float64(read()) })
	}
	count("jobs_waiting", "Jobs that wait to be run.", func() int { return a.queue.Figures().Waiting })
	count("jobs_running", "Jobs at work.", func() int { return a.queue.Figures().Running })
	count("workers", "Jobs that can be at work at once.", a.queue.Workers)
	count("sessions", "Sessions alive.", func() int { return len(a.sessions.List("")) })
	count("workspaces_open", "Workspaces held open.", a.workspaces.Open)
	count("sockets", "Open live channels.", a.hub.Clients)
	m.Counter("sockets_dropped", "Live channels closed because they were too slow.", func() float64 { return float64(a.hub.Figures().Slow) })
	count("cache_memory_entries", "Cache entries held in memory.", func() int { return memory.Held().Entries })
	m.Gauge("cache_memory_bytes", "What the cache entries in memory weigh.", func() float64 { return float64(memory.Held().Bytes) })
	m.Counter("requests_refused", "Requests over a rate limit.", func() float64 { return float64(a.api.Refused()) })
	m.Counter("unlink_failures", "Rounds in which something of a session that has ended could not be unlinked.", func() float64 { return float64(a.files.UnlinkFailures()) })
	m.Gauge("held_bytes", "What files and tables of the open workspaces come to.", func() float64 { return float64(a.workspaces.HeldBytes()) })
}

// serveMetrics answers scrapes on their own address until ctx is done. Without an
// address there are none.
func (a *App) serveMetrics(ctx context.Context, m *metrics.Metrics) error {
	if a.cfg.MetricsAddr == "" {
		return nil
	}
	listener, err := net.Listen("tcp", a.cfg.MetricsAddr)
	if err != nil {
		return fmt.Errorf("listen for metrics: %w", err)
	}
	server := &http.Server{Handler: m.Handler(), ReadHeaderTimeout: 5 * time.Second}
	a.scrapes.Go(func() { _ = server.Serve(listener) }) // ends when it is closed
	a.scrapes.Go(func() {
		<-ctx.Done()
		_ = server.Close()
	})
	return nil
}
