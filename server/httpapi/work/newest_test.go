package work

import (
	"context"
	"errors"
	"testing"
)

// A newer question ends the older ones about the same thing, but neither the same
// question nor one about something else.
func TestOnlyTheNewestQuestionIsWorkedOn(t *testing.T) {
	var n Newest
	old, oldDone := n.Begin(t.Context(), "table", "a")
	other, otherDone := n.Begin(t.Context(), "other table", "a")
	again, againDone := n.Begin(t.Context(), "table", "a")
	if old.Err() != nil || again.Err() != nil {
		t.Error("the same question ended itself")
	}
	newer, newerDone := n.Begin(t.Context(), "table", "b")
	for _, c := range []context.Context{old, again} {
		if !errors.Is(context.Cause(c), ErrOvertaken) {
			t.Errorf("the older question goes on: %v", context.Cause(c))
		}
	}
	if newer.Err() != nil || other.Err() != nil {
		t.Error("the newer question, or one about another table, was ended")
	}
	for _, done := range []func(){oldDone, againDone, otherDone, newerDone} {
		done()
	}
	if len(n.asked) != 0 {
		t.Errorf("%d things are still asked about", len(n.asked))
	}
}
