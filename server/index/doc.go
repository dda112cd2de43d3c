// Package index finds what a session's tables say (package search): all tables of one
// session, the newest first.
//
// An Index knows which rows may fit a question, by the bytes that follow each other in
// their text (gram.go, chunk.go), and has only those read; docs/search.md says how it is
// kept. Update brings it up to date, which is a job. Tables that it does not know yet are
// looked through row by row, so questions may come at any time.
//
// Index.Find is the one way to search a session's tables, for handlers and for jobs alike;
// how another ranking joins in says package search.
package index
