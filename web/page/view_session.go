package page

import (
	"encoding/base64"
	"time"

	"github.com/a-h/templ"
)

// SignInView is the page /login.
type SignInView struct {
	Username   string        // typed before, after a failed try
	Next       string        // where to go afterwards; a path of this server
	Problem    string        // a sentence; never says which of the two was wrong
	RetryAfter time.Duration // positive: locked out for this long
	Ended      string        // a sentence: why the session that led here is no more
}

// SignedOutView is the page /signed-out. Unless this browser has just signed out
// it only says whether somebody is signed in.
type SignedOutView struct {
	Erased   bool // with a sign-out just made
	Receipts []Receipt
	SignedIn bool // the session lives: something else led here
}

// Receipt is what erasing one session destroyed.
type Receipt struct {
	SessionID    string
	Files, Bytes int64
	Tables, Jobs int64
	CacheEntries int64
	Unknown      bool // what it held could not be counted
	KeyDestroyed bool
	At           time.Time

	Document []byte // the signed receipt, to be kept
}

// Link is the receipt's document as a link that saves it: the page that shows it can
// ask the server for nothing any more.
func (r Receipt) Link() templ.SafeURL {
	return templ.SafeURL("data:application/json;base64," + base64.StdEncoding.EncodeToString(r.Document))
}

// AccountView is the page /account.
type AccountView struct {
	Role     string
	Sessions []Session // one's own, this one first
	Problem  string    // why the password was not changed
}

// Session is a signed-in session of one's own, or for admins of anybody.
type Session struct {
	ID         string
	Current    bool
	User       string // admin pages only
	Device     string
	Address    string
	CreatedAt  time.Time
	LastUsedAt time.Time
	ExpiresAt  time.Time
	Bytes      int64 // admin pages only
}

// ResetView is the page /reset/{token}.
type ResetView struct {
	Problem string // why the password was not set
}
