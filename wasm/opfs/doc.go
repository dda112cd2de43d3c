// Package opfs is a file system for SQLite over a browser's Origin Private File
// System, where all that a page may keep on disk with synchronous access is a set
// of access handles opened beforehand.
//
// A Pool is made of such handles: each is one file of the origin, under a name
// that means nothing. The first sector of a file says which database file it
// holds, with a digest, so that a header cut in half by a lost battery counts as
// an empty file. Creating a file writes its header and flushes; deleting truncates
// it, clears the header and flushes. What SQLite was promised to be on disk is on
// disk: Sync is a flush of the handle, and the only device characteristic claimed
// is that an open file cannot be deleted.
//
// One program has the handles, so locks always succeed, there is no shared
// memory, and databases must be opened with locking_mode=exclusive: see
// sqlite.Config.Exclusive. A Pool and its files may be used by one goroutine at a
// time, which is what such a database does.
//
// What the files hold is encrypted below all of this, by Seal.
//
// Failures of the origin's disk become SQLite's codes: FULL when its quota is
// used up, IOERR when a handle is lost.
package opfs
