// Package live tells the clients of each session what is committed in its
// workspace, over the WebSocket of contract section 3 (docs/live.md says what
// clients may rely on; ret/shared/replica has the frames).
//
// # How it works
//
// A Hub has a Room for each open session; a Room has that session's sockets and
// no other, so nothing can reach a foreign one. The workspace's listener calls
// Changed, which only wakes the room. A woken room reads what changed after its
// clients' cursors and gives every client one delta at a time: it buffers no
// history, a client that reads slowly gets fewer and larger deltas, and what
// clients with the same cursor and view get is read, rendered and framed once.
// Of a job's progress every client has the newest, ten times a second at most.
//
// # Bounds
//
// A socket's queue holds one delta, the newest progress of each job at work, and
// maxAnswers answers to its own mutations. More unread answers, or a frame that
// takes longer than Config.SlowAfter to go out, end the socket with 4003; one
// that does not go out within Config.GiveUpAfter ends it without a word. The
// client comes back with its cursor.
//
// # Goroutines
//
// A socket has one goroutine that reads, from Serve until it is closed. Another
// one writes, but only while there is something to write, so that an idle
// socket costs one small stack and no buffer. A room has one that reads the
// workspace, only while a client lags behind. The hub has one that sends pings.
// All of them belong to the hub: Close ends them and waits.
//
// Everything here may be used concurrently. Changed and Progress never wait for
// a client or the database, so the workspace's writer may call them.
package live
