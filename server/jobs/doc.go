// Package jobs knows the kinds of job: what each takes and how it is done. A kind
// is one file that fills a Kind, and a line in the table of kinds.go.
//
// A job is done over a session's open workspace. What it makes is stored as it
// goes, a document at a time, so that a job that is interrupted goes on with the
// documents that are left, and one that is cancelled leaves whole tables only.
package jobs
