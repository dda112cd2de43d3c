// Package session is a session's life, from the sign-in to the end of its erasure.
//
// # Two secrets
//
// A session is an opaque 256-bit token, of which only the SHA-256 is stored,
// and a word bound to it that scripts can read. A request needs both. A browser
// that signs out without a network deletes the word; when the token then comes
// without it, Resolve says ErrAbandoned and the caller ends that session. A word
// that is wrong is refused and ends nothing: any server on the same host can set one.
//
// # Memory and database
//
// The registry holds every live session in memory (some 500 bytes each), so
// resolving one costs no query. Beginning and ending are in the database before
// they are answered; the last use is written in batches, so that after a crash
// a session may idle away up to half a minute early, never late.
//
// # Ending
//
// A session ends in this order: nobody can resolve it and its Ended channel is
// closed; the database says that it is ending, and why; the Purger erases what
// it held; row and receipt go, the receipt into the audit trail. The first step
// is final: the last use is only ever written to a session that lives, so a
// request that finishes late revives nothing. Whatever is cut off after the
// second step is taken up again, by the sweeper or at the next start, until the
// Purger has succeeded once.
//
// Another process ends sessions by the same mark in the database: `ret user
// lock` writes it together with the lock, and the registry, which looks at one
// number four times a second, takes it from there.
//
// A Registry may be used by any number of goroutines. Its own are started by
// Start, and stopped and waited for by Close.
package session
