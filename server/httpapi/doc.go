// Package httpapi is RET's outside: the JSON API, the pages and the forms on
// them, one file a noun, all listed in routes.go.
//
// Every request passes one chain (chain.go): request id, recover, log, security
// headers, cross-origin check, rate limit, session. A handler then reads as
// decode, ask, answer, and returns an error for everything that went wrong;
// problem.go alone turns kinds of errors into statuses, as problem+json for the
// API and as a page for people.
//
// A Server's handler may be used concurrently, as net/http does.
package httpapi
