// Package sqlite is the one way in which RET uses SQLite, on the server as in the
// browser: the only place that knows its settings, its error codes.
//
// A DB has one writer and a few readers. Write hands a function to the writer
// goroutine, which gathers whatever is waiting into one transaction, commits
// once and only then answers every caller: a nil error means that the change is
// on disk (WAL, synchronous=FULL). Functions that share a commit are kept apart:
// one's error undoes one's own work alone. Read runs a
// function on a reader connection inside one snapshot and never waits for the
// writer.
//
// Where SQLite has no shared memory (js/wasm), Config.Exclusive asks for one
// connection; reads then take their turn at the writer and are answered after
// its commit, so they too see only what is durable.
//
// A DB may be used by any number of goroutines; a Conn only inside the function
// it was given to. Failures of the disk come back as fault errors: NoSpace when
// it is full, Unavailable when the database cannot be used.
package sqlite
