// Package workspaces keeps the sessions' workspaces open: for each session its
// folder, its database, its line in the queue and its room in the live hub, made
// when first needed and closed again when many others are open and nobody uses
// it.
//
// Erase is how a session ends: its jobs stop, its sockets close, nothing can be
// read any more, and its bytes are unlinked soon after. A request that still
// holds the session may go on until it lets go; what it tries from then on fails,
// and nothing brings an erased session back.
//
// A Registry may be used concurrently.
package workspaces
