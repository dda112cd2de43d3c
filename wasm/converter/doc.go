// Package converter is what a worker does that converts one upload in the browser,
// while the server cannot: it reads the dropped files, converts them as the
// server's job would, and hands each finished document over with its tables in the
// form in which the server stores them.
//
// What it makes goes to a Host a piece at a time, so memory does not grow with a
// table. A table of which only a part was handed over is dropped again. Who wants
// to stop a run ends the worker: nothing is left of it but what was handed over.
//
// A run and its Host are used by one goroutine at a time.
package converter
