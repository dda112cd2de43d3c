// Package contention says how much of the processors others take, to tests that promise
// times: a promise is RET's and speaks of a machine that is its own.
package contention

import (
	"runtime"
	"sync"
	"syscall"
	"time"
)

const (
	// looked is for how long the processors are asked: some turns of a scheduler's.
	looked = 300 * time.Millisecond

	// noise is what a machine of one's own comes to.
	noise = 1.2

	ofThread = 1 // RUSAGE_THREAD
)

// Factor is how many times longer work takes that wants all processors, because others
// want them too: 1 where nobody does, about 2 beside a busy loop on each. It wants them
// itself meanwhile, so nothing that is measured may run.
//
// A clock beside the time that the kernel has given a thread tells others' work from a
// machine that is slow, for which there is no mercy.
func Factor() float64 {
	var all sync.WaitGroup
	factors := make([]float64, runtime.NumCPU())
	for i := range factors {
		all.Go(func() { factors[i] = ofOne() })
	}
	all.Wait()
	sum := 0.0
	for _, f := range factors {
		sum += f
	}
	mean := sum / float64(len(factors))
	if mean < noise {
		return 1
	}
	return mean
}

// ofOne works on a thread of its own, and compares how long that took with what it was given.
func ofOne() float64 {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	began, before := time.Now(), given()
	for time.Since(began) < looked {
	}
	got := given() - before
	if got <= 0 {
		return 1 // the kernel does not say
	}
	return float64(time.Since(began)) / float64(got)
}

// given is the processor time that this thread has had.
func given() time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(ofThread, &use); err != nil {
		return 0
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
