package account

import (
	"runtime"
	"testing"
)

var realCost = newCost

// Tests hash hundreds of passwords, so they do it at next to no cost.
func init() { newCost = cost{memoryKiB: 64, passes: 1, threads: 1} }

// UseRealCost gives one test the cost that users pay.
func UseRealCost(t *testing.T) {
	cheap := newCost
	newCost = realCost
	t.Cleanup(func() { newCost = cheap })
}

// HoldHasher has all that want a password looked at wait until free is called.
func (a *Accounts) HoldHasher() (free func()) {
	for range cap(a.hasher.slots) {
		a.hasher.slots <- struct{}{}
	}
	return func() {
		for range cap(a.hasher.slots) {
			<-a.hasher.slots
		}
	}
}

// UntilWaiting returns when somebody waits for a password to be looked at, and
// reports false if all were answered before.
func (a *Accounts) UntilWaiting(answered <-chan error) bool {
	for a.hasher.waiting.Load() == 0 {
		if len(answered) > 0 {
			return false
		}
		runtime.Gosched()
	}
	return true
}
