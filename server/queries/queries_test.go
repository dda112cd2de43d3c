package queries

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"ret/shared/fault"
	"ret/shared/query"
)

// A session's statements wait for each other, those of another session do not, and no more
// wait than a few.
func TestSessionsRunOneAtATime(t *testing.T) {
	q := New(query.Limits{}, 2)
	enter := func(ctx context.Context, session string) (leave func(), err error) { return q.enter(ctx, session) }
	first, err := enter(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	other, err := enter(t.Context(), "b")
	if err != nil {
		t.Fatal(err)
	}
	ctx, giveUp := context.WithCancel(t.Context())
	given := make(chan error)
	for range mostWaiting {
		go func() {
			_, err := enter(ctx, "a")
			given <- err
		}()
	}
	for q.waiting("a") <= mostWaiting {
		runtime.Gosched()
	}
	if _, err := enter(t.Context(), "a"); !fault.Is(err, fault.TooMany) {
		t.Errorf("one more: %v", err)
	}
	giveUp()
	for range mostWaiting {
		if err := <-given; !errors.Is(err, context.Canceled) {
			t.Errorf("given up: %v", err)
		}
	}
	next := make(chan func())
	go func() {
		leave, err := enter(t.Context(), "a")
		if err != nil {
			t.Error(err)
		}
		next <- leave
	}()
	first()
	(<-next)()
	other()
	if len(q.lines) != 0 {
		t.Errorf("%d lines are left", len(q.lines))
	}
}

// waiting is how many statements of a session run or wait.
func (q *Queries) waiting(session string) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	if l := q.lines[session]; l != nil {
		return l.users
	}
	return 0
}
