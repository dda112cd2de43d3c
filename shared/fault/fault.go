// Package fault is an error of one of the few kinds that RET tells apart, with the
// sentence a person is shown.
//
// A package that knows why something failed returns an *Error; everyone above it
// wraps with the operation (fmt.Errorf("open workspace: %w", err)) and neither
// logs nor rewords. At the edge KindOf chooses the status or exit code and
// Message the sentence: both look through wrapping, and an error that is no
// *Error counts as Internal and is never shown.
//
// Values are immutable; every function may be called concurrently.
package fault

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Kind is what a caller branches on.
type Kind uint8

// The kinds, with the meaning that all of RET gives them.
const (
	Internal    Kind = iota // our fault; the person is told no more than that
	Invalid                 // the request or the input is wrong
	SignedOut               // no session, or one that has ended
	Denied                  // signed in, but not allowed
	NotFound                // not there, or not yours
	Conflict                // the state of the thing does not permit it
	TooLarge                // over a size limit
	TooMany                 // over a rate or a quota
	NoSpace                 // the disk is full
	Unavailable             // a part of RET does not work right now
	Damaged                 // what is stored is not what was stored
	Malformed               // a statement or expression is wrong, at a place that is known
	TimedOut                // it took longer than it may
)

var codes = [...]string{
	Internal:    "internal",
	Invalid:     "invalid",
	SignedOut:   "signed_out",
	Denied:      "denied",
	NotFound:    "not_found",
	Conflict:    "conflict",
	TooLarge:    "too_large",
	TooMany:     "too_many",
	NoSpace:     "no_space",
	Unavailable: "unavailable",
	Damaged:     "damaged",
	Malformed:   "malformed",
	TimedOut:    "timed_out",
}

// String returns the stable word that JSON answers carry as "code".
func (k Kind) String() string {
	if int(k) < len(codes) {
		return codes[k]
	}
	return codes[Internal]
}

// Error is a failure with a sentence for a person.
type Error struct {
	Kind    Kind
	Message string // says what happened and what to do; no path, SQL or stack

	// RetryAfter, if positive, says when trying again can help.
	RetryAfter time.Duration

	// Err is the cause for the log; a person never sees it.
	Err error
}

// Error is for logs: it includes the cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Message
	}
	return e.Message + ": " + e.Err.Error()
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Err }

// New returns an error of kind k whose message is formatted as by fmt.Sprintf.
func New(k Kind, format string, args ...any) *Error {
	return &Error{Kind: k, Message: fmt.Sprintf(format, args...)}
}

// Wrap gives err a kind and a sentence. It returns nil for a nil err.
func Wrap(k Kind, err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: k, Message: fmt.Sprintf(format, args...), Err: err}
}

// KindOf returns the kind of the outermost *Error in err's chain. A cancelled
// or expired context without one is Unavailable, anything else Internal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return Unavailable
	}
	return Internal
}

// Is reports whether err is of kind k; a nil err is of no kind.
func Is(err error, k Kind) bool { return err != nil && KindOf(err) == k }

// Message returns the sentence to show for err.
func Message(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Message
	}
	if KindOf(err) == Unavailable {
		return "RET was interrupted before it could answer. Please try again."
	}
	return "Something went wrong inside RET. Please try again; if it stays, tell whoever runs this server."
}

// RetryAfter returns how long to wait before trying again, or 0 if unknown.
func RetryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.RetryAfter
	}
	return 0
}
