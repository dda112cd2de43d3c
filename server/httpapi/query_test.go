package httpapi_test

import (
	"context"
	"errors"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"
)

// endless is a statement that ends only at a limit.
const endless = `{"sql":"WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT count(*) FROM r"}`

// A statement ends when its time is over, and says so.
func TestQueriesEndInTime(t *testing.T) {
	s := newStand(t, "RET_QUERY_SECONDS=1", "RET_QUERY_BYTES=8MiB")
	s.upload("ana")
	began := time.Now()
	s.want(ask{"ana", "POST", "/api/v1/query", endless}, 408, `"code":"timed_out"`, "longer than 1 second,")
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
	s.want(ask{"ana", "POST", "/api/v1/query", strings.Replace(endless, "count(*)", "json_group_array(printf('%.1000000c', 'x'))", 1)}, 413, `"code":"too_large"`)
	s.want(ask{"ana", "POST", "/api/v1/query", `{"sql":"SELECT count(*) FROM b"}`}, 200, `"rows":[[2]]`)
}

// Who leaves takes the statement along: the session's next one, which waits for it, runs
// at once.
func TestQueriesEndWithWhoeverAsked(t *testing.T) {
	s := newStand(t)
	s.upload("ana")
	ctx, leave := context.WithCancel(t.Context())
	left, sent := make(chan error), make(chan struct{})
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { close(sent) }})
	go func() {
		_, err := s.people["ana"].Do(s.request(ask{"ana", "POST", "/api/v1/query", endless}).WithContext(ctx))
		left <- err
	}()
	<-sent
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		s.want(ask{"ana", "POST", "/api/v1/query", `{"sql":"SELECT count(*) FROM b"}`}, 200, `"rows":[[2]]`)
	}()
	select {
	case <-answered:
		t.Log("the next one came first")
	case <-time.After(100 * time.Millisecond): // it waits
	}
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("left with %v", err)
	}
	select {
	case <-answered:
	case <-time.After(10 * time.Second):
		t.Error("the next one still waits")
	}
}
