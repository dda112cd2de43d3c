// Package ratelimit lets each client make a bounded number of requests in any
// window of time: however a window is laid, never more than the limit pass.
//
// A Limiter remembers the instants of the requests it let through, and forgets
// them when they leave the window. It holds a bounded number of clients in an
// LRU and never forgets one whose window is not over, so a flood of new clients
// can neither grow memory nor wash a window out. Clients that find no room share
// windows with others, which can only refuse too much, until there is room.
//
// Everything is in memory and may be used by any number of goroutines. A limiter
// that fails lets requests pass and says so in the log once. Sign-ins are counted
// in the database, not here.
package ratelimit
