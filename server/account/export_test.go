package account

import "testing"

var realCost = newCost

// Tests hash hundreds of passwords, so they do it at next to no cost.
func init() { newCost = cost{memoryKiB: 64, passes: 1, threads: 1} }

// UseRealCost gives one test the cost that users pay.
func UseRealCost(t *testing.T) {
	cheap := newCost
	newCost = realCost
	t.Cleanup(func() { newCost = cheap })
}
