package view

import (
	"net/url"

	"ret/web/page"
)

// What a form did travels to the page that it redirects to in the query, as the
// code of a sentence: a link's own words must not look like RET's.
const (
	QueryDone  = "done"
	QueryWrong = "wrong"
	QueryEnded = "ended" // of /login: why the session that led there is no more
)

// Code stands for a sentence about what a form did.
type Code string

// The codes of what was done.
const (
	DonePassword = Code("password_changed")
	DoneReset    = Code("password_set")
	DoneUser     = Code("user_added")
)

// The codes of what went wrong. Other faults have sentences of their own, which a
// page shows that is not redirected to.
const (
	WrongNoTables  = Code("no_tables")
	WrongLastAdmin = Code("last_admin")
	WrongGone      = Code("not_found")
	WrongConflict  = Code("conflict")
)

var done = map[Code]string{
	DonePassword: "Your password is changed. All other sessions have ended.",
	DoneReset:    "Your password is changed. Sign in with the new one.",
	DoneUser:     "The user was added.",
}

var wrong = map[Code]string{
	WrongNoTables:  "Tick the tables to download first.",
	WrongLastAdmin: "This is the last admin. Make someone else an admin first.",
	WrongGone:      "That is not there any more.",
	WrongConflict:  "That could not be done as things stand now. Look at the page as it is, and try again.",
}

// The codes of why a session ended: the reasons of the live channel's purge frame,
// that an earlier version of RET had stored it without encryption, and that it is not
// known.
const (
	EndedLogout   = Code("logout")
	EndedExpired  = Code("expired")
	EndedRevoked  = Code("revoked")
	EndedUpgraded = Code("upgraded")
	EndedSomehow  = Code("unknown")
)

var ended = map[Code]string{
	EndedLogout:   "You have signed out, in another tab or on another device. Everything in this session was erased.",
	EndedExpired:  "Your session's time ran out, and everything in it was erased.",
	EndedRevoked:  "Your session was ended, since an admin did so or the account's password was changed. Everything in it was erased.",
	EndedUpgraded: "RET was upgraded to a version that encrypts what it stores. Your session was stored without encryption before, so it was ended and everything in it overwritten and erased.",
	EndedSomehow:  "Your session has ended, and everything in it was erased.",
}

// Ended is the sentence about why a session ended; none for another code.
func Ended(code Code) string { return ended[code] }

// Notice is the sentence about what a form did, if the query has the code of one.
func Notice(q url.Values) *page.Notice {
	if text := wrong[Code(q.Get(QueryWrong))]; text != "" {
		return &page.Notice{Wrong: true, Text: text}
	}
	if text := done[Code(q.Get(QueryDone))]; text != "" {
		return &page.Notice{Text: text}
	}
	return nil
}
