package wire

import (
	"encoding/json"
	"time"

	"ret/shared/workspace"
)

// MaxFrameBytes is the most that one frame may have.
const MaxFrameBytes = 1 << 20

// Subprotocol names this version of the channel in the handshake.
const Subprotocol = "ret.v1"

// View says what a client wants changes as.
type View string

// A replica wants data, an open page wants HTML.
const (
	ViewData View = "data"
	ViewHTML View = "html"
)

// Frame is one of the frames below.
type Frame interface{ Type() string }

// Hello is a client's first frame.
type Hello struct {
	Client string `json:"client"`
	Epoch  string `json:"epoch,omitempty"` // empty: knows nothing yet
	Cursor int64  `json:"cursor"`          // seq up to which it knows everything
	View   View   `json:"view"`
}

// Mutate asks for a change; see workspace.Mutation.
type Mutate struct {
	Client string          `json:"client"`
	N      int64           `json:"n"`
	Name   string          `json:"name"`
	Args   json.RawMessage `json:"args"`
	Base   int64           `json:"base,omitempty"`
}

// Welcome answers a hello: deltas follow from the hello's cursor on.
type Welcome struct {
	Epoch     string    `json:"epoch"`
	Cursor    int64     `json:"cursor"`     // seq of the session's last change
	ExpiresAt time.Time `json:"expires_at"` // of the session, unless it is used
	LastN     int64     `json:"last_n"`     // the client's last mutation that was answered
}

// Reset answers a hello whose epoch or cursor is not known: the client drops its
// replica, keeps its outbox, and gets everything from 0. It says what a welcome
// would say as well.
type Reset struct {
	Epoch     string    `json:"epoch"`
	Cursor    int64     `json:"cursor"`
	ExpiresAt time.Time `json:"expires_at"`
	LastN     int64     `json:"last_n"`
}

// Delta is what changed after From, up to and with To.
type Delta struct {
	From    int64    `json:"from"`
	To      int64    `json:"to"`
	Changes []Change `json:"changes"`
}

// Change is one change: its value for a replica, or one step for a page to
// follow it by. Several steps may belong to one change.
type Change struct {
	Seq    int64            `json:"seq"`
	Entity workspace.Entity `json:"entity"`
	ID     string           `json:"id"`
	Op     workspace.Op     `json:"op"`
	Value  json.RawMessage  `json:"value,omitempty"`
	Group  string           `json:"group,omitempty"` // of a deleted table: the one it was in

	Target string `json:"target,omitempty"` // an element's id
	Swap   string `json:"swap,omitempty"`   // "replace", "append" or "remove"
	HTML   string `json:"html,omitempty"`
}

// Progress says how far a job is; only the newest matters.
type Progress struct {
	Job      string             `json:"job"`
	Progress workspace.Progress `json:"progress"`
}

// Ack answers a mutation that is done and committed.
type Ack struct {
	N   int64 `json:"n"`
	Seq int64 `json:"seq"`
}

// Rejected answers a mutation that was not done.
type Rejected struct {
	N      int64  `json:"n"`
	Code   string `json:"code"`   // the word of a fault.Kind
	Detail string `json:"detail"` // for a person
}

// Purge says that the session is erased: the client does the same. CodePurged
// follows.
type Purge struct {
	Epoch  string `json:"epoch"`
	Reason Reason `json:"reason"`
}

// Reason is why a session ended.
type Reason string

// The reasons.
const (
	ReasonLogout  Reason = "logout"
	ReasonExpired Reason = "expired"
	ReasonRevoked Reason = "revoked"
)

// ReasonUnknown is what a client says of an end that it was not told the reason of. No
// frame has it.
const ReasonUnknown Reason = "unknown"

// CloseReason is the reason that the text of a close frame gives, beside CodePurged and
// CodeNotSignedIn.
func CloseReason(text string) Reason {
	switch r := Reason(text); r {
	case ReasonLogout, ReasonExpired, ReasonRevoked:
		return r
	}
	return ReasonUnknown
}

// Close codes, beside those of RFC 6455.
const (
	CodeBadFrame    = 4000 // the client sent what it must not: a fault of the client
	CodePurged      = 4001 // the session is erased
	CodeOutOfStep   = 4002 // a mutation's number left a gap
	CodeTooSlow     = 4003 // the client reads too slowly: it may come back at once
	CodeNotSignedIn = 4004 // there is no such session, or none any more: the text says why
)

// Type is the frame's word in JSON.
func (Hello) Type() string { return "hello" }

// Type is the frame's word in JSON.
func (Mutate) Type() string { return "mutate" }

// Type is the frame's word in JSON.
func (Welcome) Type() string { return "welcome" }

// Type is the frame's word in JSON.
func (Reset) Type() string { return "reset" }

// Type is the frame's word in JSON.
func (Delta) Type() string { return "delta" }

// Type is the frame's word in JSON.
func (Progress) Type() string { return "progress" }

// Type is the frame's word in JSON.
func (Ack) Type() string { return "ack" }

// Type is the frame's word in JSON.
func (Rejected) Type() string { return "rejected" }

// Type is the frame's word in JSON.
func (Purge) Type() string { return "purge" }
