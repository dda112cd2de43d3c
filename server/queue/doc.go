// Package queue runs the jobs of all open sessions in this process.
//
// Jobs and their states lie in each session's workspace; the queue keeps only
// what to run next. A workspace announces a job when the transaction that
// enqueues it has committed, and a waiting worker starts at once: nothing polls.
// Sessions take turns, so one with ten thousand jobs holds up nobody.
//
// What it promises: every job that was enqueued ends exactly once as succeeded,
// failed or cancelled. A run's writes carry its attempt number, so a run that
// lost its job (cancelled, or taken over) changes nothing any more. A run that
// fails where trying again can help is queued again after a growing, jittered
// pause until its attempts are used up; bad input fails at once. Cancelling
// reaches the run through its context. At shutdown running jobs get a while to
// end and are then put back without losing an attempt.
//
// A worker begins a run while the commit that says so is still on its way to
// disk: if the process dies in between, the job is still queued and nothing of
// the run was kept. Everything the run stores waits for that commit first
// (Task.Fence).
//
// Queue, Line and Task may be used concurrently.
package queue
