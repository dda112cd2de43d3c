// Package workspace is what one session owns: a SQLite database of its files,
// jobs, documents, tables and changes, one Go file a noun. The server opens one
// for each session.
//
// A browser's copy of it (package replica) is a workspace too: the schema and what
// reads it are the same. So the steps of the schema are all here, those as well whose
// tables only a replica fills: the outbox, kept rows, local jobs. They are numbered
// once for both, and on the server these tables are empty.
//
// Every change that a client must hear of gets the session's next seq in the
// transaction that makes it (change.go), so what is committed is announced and
// what is announced is committed. After a commit the workspace tells its
// listener, on one goroutine and in order.
//
// The workspace keeps no file content: blobs (uploads and tables) lie under
// generated names that only these rows know. Whoever deletes rows gets those
// names back and unlinks them.
//
// A Workspace may be used by any number of goroutines. Errors are fault errors:
// NotFound, Conflict, Invalid, TooLarge, NoSpace, Unavailable.
package workspace
