package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ret/server/metrics"
	"ret/shared/workspace"
)

func TestTextNamesWhatWasObserved(t *testing.T) {
	m := metrics.New()
	m.Started("convert", 3*time.Millisecond)
	m.Ended("convert", workspace.StateFailed, time.Second)
	m.Gauge("sockets", "Open sockets.", func() float64 { return 7 })

	rec := httptest.NewRecorder()
	m.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{
		`ret_job_attempts_total{kind="convert",state="failed"} 1`,
		`ret_job_wait_seconds_bucket{kind="convert",le="0.005"} 1`,
		"ret_sockets 7", "go_goroutines",
	} {
		if !strings.Contains(rec.Body.String(), want) {
			t.Errorf("no %s", want)
		}
	}
}
