// Package replica is a client's copy of a session's workspace, which follows the
// server's by the deltas of the live channel.
//
// A Replica has an outbox of what its person asked for, whose effects it shows at
// once, and the tables that its browser made before the server did. Rows are the
// table rows that it keeps. Neither knows a socket: frames come in and go out.
package replica
