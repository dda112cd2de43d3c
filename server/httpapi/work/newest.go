package work

import (
	"context"
	"errors"
	"sync"

	"ret/shared/fault"
)

// ErrOvertaken is why a question is given up whose asker has gone on to another.
var ErrOvertaken = fault.New(fault.Conflict, "A newer question about this has come, so this one was given up.")

// Newest lets only the newest question about a thing be worked on. Its zero value is
// ready, and may be used concurrently.
type Newest struct {
	mu    sync.Mutex
	asked map[string]map[*asking]struct{} // by what it is about
}

type asking struct {
	question string
	cancel   context.CancelCauseFunc
}

// Begin cancels all other questions about the same thing, with the cause ErrOvertaken.
// done is called when the question is answered.
func (n *Newest) Begin(ctx context.Context, about, question string) (asked context.Context, done func()) {
	asked, cancel := context.WithCancelCause(ctx)
	a := &asking{question, cancel}
	n.mu.Lock()
	defer n.mu.Unlock()
	for other := range n.asked[about] {
		if other.question != question {
			other.cancel(ErrOvertaken)
		}
	}
	if n.asked == nil {
		n.asked = make(map[string]map[*asking]struct{})
	}
	if n.asked[about] == nil {
		n.asked[about] = make(map[*asking]struct{})
	}
	n.asked[about][a] = struct{}{}
	return asked, func() { n.end(about, a) }
}

// OrOvertaken is why a question was given up, if that is what err is of.
func OrOvertaken(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), ErrOvertaken) {
		return ErrOvertaken
	}
	return err
}

func (n *Newest) end(about string, a *asking) {
	a.cancel(nil)
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.asked[about], a)
	if len(n.asked[about]) == 0 {
		delete(n.asked, about)
	}
}
