package engine

import (
	"encoding/json"

	"ret/shared/replica"
)

// Ask is what a page says: where it stands.
type Ask struct {
	Page   string `json:"page"` // its name, which an answer bears
	Epoch  string `json:"epoch"`
	Cursor int64  `json:"cursor"`
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
}

// Type is the frame's word in JSON.
func (Standing) Type() string { return "standing" }

// tell sends a frame to a page, or to all.
func (e *Engine) tell(page string, f replica.Frame) {
	text, err := replica.Encode(f)
	if err != nil {
		e.cfg.Log("frame not encoded", err)
		return
	}
	e.cfg.Tell(Message{page, text})
}
