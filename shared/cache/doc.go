// Package cache is a session's key-value cache: a weighted LRU in memory, shared
// by all sessions of the process, in front of the entries that each session's
// workspace keeps on disk.
//
// What it promises:
//
//   - Set and Delete return once the change is committed and on disk; what they
//     answered survives a kill and a power cut. SetBehind returns at once and may
//     lose what a few milliseconds have not brought to disk.
//   - An entry is gone at the instant it expires, in memory and on disk, whenever
//     its bytes are reclaimed.
//   - Leaving memory never removes what is stored. The stored tier has its own
//     bound and drops the least recently used.
//   - A reader never sees an older value after a newer one was answered: memory
//     follows the order of commits, and what was read or loaded while a write was
//     under way is not kept.
//   - If the database fails, reads are misses, writes return the error, and the
//     log hears of it once.
//
// Memory belongs to the process; New makes a Cache for each open workspace. Both
// may be used by any number of goroutines. Values are not copied: neither a value
// that was handed in nor one that was handed out may be changed.
package cache
