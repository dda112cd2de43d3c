// Package metrics shows how a server is doing in the text format of Prometheus,
// on an address of its own: figures about jobs, sockets, caches and limits, never
// a file's name, a cache key or a person.
//
// Metrics implements queue.Observer. Everything may be used concurrently.
package metrics

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"ret/shared/workspace"
)

// Metrics are a server's figures.
type Metrics struct {
	registry *prometheus.Registry
	waited   *prometheus.HistogramVec
	ran      *prometheus.HistogramVec
	ended    *prometheus.CounterVec
}

// durations reach from an empty job to an hour's work, in seconds.
var durations = []float64{.0005, .001, .005, .01, .05, .1, .5, 1, 5, 10, 60, 300, 1800, 3600}

// New makes metrics that know of the Go runtime and the process, and of jobs by
// observing a queue.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		waited: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "ret_job_wait_seconds", Help: "How long jobs waited before an attempt began.", Buckets: durations,
		}, []string{"kind"}),
		ran: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "ret_job_run_seconds", Help: "How long attempts at jobs took.", Buckets: durations,
		}, []string{"kind"}),
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ret_job_attempts_total", Help: "Attempts at jobs by the state they left; queued is to be tried again.",
		}, []string{"kind", "state"}),
	}
	m.registry.MustRegister(m.waited, m.ran, m.ended,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Started implements queue.Observer.
func (m *Metrics) Started(kind string, waited time.Duration) {
	m.waited.WithLabelValues(kind).Observe(waited.Seconds())
}

// Ended implements queue.Observer.
func (m *Metrics) Ended(kind string, state workspace.State, ran time.Duration) {
	m.ran.WithLabelValues(kind).Observe(ran.Seconds())
	m.ended.WithLabelValues(kind, string(state)).Inc()
}

// Gauge adds a figure that goes up and down and is read when asked for.
func (m *Metrics) Gauge(name, help string, read func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "ret_" + name, Help: help}, read))
}

// Counter adds a figure that only grows and is read when asked for.
func (m *Metrics) Counter(name, help string, read func() float64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "ret_" + name + "_total", Help: help}, read))
}

// Handler answers GET /metrics.
func (m *Metrics) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry}))
	return mux
}
