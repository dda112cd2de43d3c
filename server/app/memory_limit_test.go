package app

import (
	"runtime/debug"
	"testing"
)

// The collector's limit follows what jobs and caches may take, unless GOMEMLIMIT says
// otherwise.
func TestMemoryLimitFollowsTheBudget(t *testing.T) {
	const none = 1 << 50
	before := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	for set, limited := range map[string]bool{"": true, "7GiB": false} {
		t.Setenv("GOMEMLIMIT", set)
		debug.SetMemoryLimit(none)
		startDescribed(t)
		if got := debug.SetMemoryLimit(-1); limited && (got <= jobMemory() || got > jobMemory()+1<<30) || !limited && got != none {
			t.Errorf("with GOMEMLIMIT=%q the limit is %d MiB, jobs may take %d", set, got>>20, jobMemory()>>20)
		}
	}
}
