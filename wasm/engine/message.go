package engine

import (
	"encoding/json"
	"time"

	"ret/shared/replica"
	"ret/shared/wire"
)

// Ask is what a page says.
type Ask struct {
	Type AskType `json:"type"`
	Page string  `json:"page"` // its name, which an answer bears

	// Of AskFollow: where the page stands.
	Epoch  string `json:"epoch,omitempty"`
	Cursor int64  `json:"cursor,omitempty"`

	Mutate  *Mutate  `json:"mutate,omitempty"`  // of AskMutate
	Dismiss int64    `json:"dismiss,omitempty"` // of AskDismiss: the rejection's id
	Kept    []string `json:"kept,omitempty"`    // of AskKept: the tables that the page shows
}

// AskType is what a page wants.
type AskType string

// What pages want.
const (
	AskFollow  AskType = "follow"  // to hear what has happened since its cursor
	AskMutate  AskType = "mutate"  // a change, answered by Taken or Refused
	AskDismiss AskType = "dismiss" // a rejection that the person has seen
	AskKept    AskType = "kept"    // of which tables rows are here, answered by KeptRows
)

// Mutate is a change that a page's person asks for; see workspace.Mutation.
type Mutate struct {
	Ask  string          `json:"ask"` // made up by the page, repeated in the answer
	Name string          `json:"name"`
	Args json.RawMessage `json:"args"`
}

// Message is what the engine says to one page or to all.
type Message struct {
	Page  string          `json:"page,omitempty"` // "" for all
	Frame json.RawMessage `json:"frame"`
}

// Standing tells pages how the engine stands: its own frame beside those of the
// live channel. Pages follow it while it is ready; otherwise they ask the server.
type Standing struct {
	Ready   bool   `json:"ready"`             // the replica is whole
	Online  bool   `json:"online"`            // the server is connected
	Cursor  int64  `json:"cursor"`            // a page that is behind it asks
	Bytes   int64  `json:"bytes"`             // on this computer's disk
	Rows    int64  `json:"rows"`              // bytes of tables' rows that are kept
	Problem string `json:"problem,omitempty"` // why it is not ready, for a person

	// Connecting says of one that is not online that it has only just begun: whether the
	// server can be reached is not known yet.
	Connecting bool `json:"connecting,omitempty"`

	Waiting    int64       `json:"waiting"`              // changes that the server has not answered
	Rejected   int64       `json:"rejected"`             // changes that it did not do, not dismissed yet
	Rejections []Rejection `json:"rejections,omitempty"` // the oldest of these
}

// Rejection says what became of a change that was shown and then not done.
type Rejection struct {
	ID     int64     `json:"id"` // to dismiss it by
	Name   string    `json:"name"`
	MadeAt time.Time `json:"made_at"`
	Detail string    `json:"detail"` // for a person
}

// Taken tells a page that a change is kept in the outbox and has its effect.
type Taken struct {
	Ask string `json:"ask"`
	N   int64  `json:"n"`
}

// Refused tells a page that a change was not even taken, and why.
type Refused struct {
	Ask    string `json:"ask"`
	Code   string `json:"code"`   // the word of a fault.Kind
	Detail string `json:"detail"` // for a person
}

// KeptRows tells a page of which tables that it shows rows are here, and so there
// without a network.
type KeptRows struct {
	Tables map[string]replica.Kept `json:"tables"`
}

// Type is the frame's word in JSON.
func (KeptRows) Type() string { return "kept" }

// Type is the frame's word in JSON.
func (Standing) Type() string { return "standing" }

// Type is the frame's word in JSON.
func (Taken) Type() string { return "taken" }

// Type is the frame's word in JSON.
func (Refused) Type() string { return "refused" }

// tell sends a frame to a page, or to all.
func (e *Engine) tell(page string, f wire.Frame) {
	text, err := wire.Encode(f)
	if err != nil {
		e.cfg.Log("frame not encoded", err)
		return
	}
	e.cfg.Tell(Message{page, text})
}
