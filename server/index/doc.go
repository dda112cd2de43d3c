// Package index finds what a session's tables say (package search): all tables of one
// session, the newest first.
package index
