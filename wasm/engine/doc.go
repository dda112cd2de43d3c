// Package engine is what the browser's worker does, without the browser: by a replica
// of the session that it keeps true over the live channel, it has open pages follow.
//
// To the server it is a client with view=data. To pages it speaks as the server
// does with view=html: a page says hello with the cursor that it was rendered at
// and gets a welcome, then deltas that chain; so a page can change from the
// server to the engine and back without a gap, and sees nothing twice.
//
// Whole pages it draws as the server does, by web/view's Draw. Rows of tables that
// are not kept are asked for first, while there is a server; small tables are
// fetched ahead of need. What it cannot draw it leaves to the server.
//
// Everything happens on the goroutine of Run, one event after the other. What
// brings events (sockets, pages) only puts them into a bounded queue and may do so
// from any goroutine, without waiting: a queue that is full ends Run with an
// error, and whoever runs the engine starts a new one, which goes on at the
// replica's cursor.
package engine
