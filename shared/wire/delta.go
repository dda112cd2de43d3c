package wire

import (
	"fmt"
	"strconv"
)

// Sizes of what goes into a delta.
const (
	// MaxChangeBytes is the most that one encoded change may have.
	MaxChangeBytes = 512 << 10

	// DeltaBytes is where a delta is cut: so small that a slow line shows
	// something soon and other frames get their turn.
	DeltaBytes = 256 << 10
)

// ErrTooLong means that a change is longer than MaxChangeBytes.
var ErrTooLong = fmt.Errorf("change is longer than %d bytes", MaxChangeBytes)

// EncodeChange writes a change as it stands in a delta, or returns ErrTooLong.
func EncodeChange(ch Change) ([]byte, error) {
	text, err := Marshal(ch)
	if err == nil && len(text) > MaxChangeBytes {
		err = ErrTooLong
	}
	return text, err
}

// EncodedChange is a change as EncodeChange writes it.
type EncodedChange struct {
	Seq  int64
	Text []byte
}

// EncodeDelta writes the first delta that follows from, and returns the seq up to
// which it goes: to, or less if there was too much for one frame. The changes
// stand in the order of their seq. Those of one seq are never parted, since a
// client that has a seq has all of it; they may have MaxChangeBytes together, and
// what goes beyond that is left out.
func EncodeDelta(from, to int64, changes []EncodedChange) (frame []byte, reached int64) {
	body := make([]byte, 0, min(DeltaBytes, 1<<10+totalBytes(changes)))
	reached = to
	for len(changes) > 0 {
		same := sameSeq(changes)
		if len(body) > 0 && len(body)+totalBytes(changes[:same]) > DeltaBytes {
			reached = changes[0].Seq - 1
			break
		}
		body = appendSeq(body, changes[:same])
		changes = changes[same:]
	}
	head := `{"type":"delta","from":` + strconv.FormatInt(from, 10) + `,"to":` + strconv.FormatInt(reached, 10) + `,"changes":[`
	frame = make([]byte, 0, len(head)+len(body)+2)
	return append(append(append(frame, head...), body...), "]}"...), reached
}

// sameSeq counts the changes of the first one's seq.
func sameSeq(changes []EncodedChange) int {
	n := 1
	for n < len(changes) && changes[n].Seq == changes[0].Seq {
		n++
	}
	return n
}

func totalBytes(changes []EncodedChange) (n int) {
	for _, ch := range changes {
		n += len(ch.Text) + 1
	}
	return n
}

// appendSeq appends the changes of one seq, as far as there is room for them.
func appendSeq(body []byte, changes []EncodedChange) []byte {
	room := len(body) + MaxChangeBytes
	for _, ch := range changes {
		if len(body)+len(ch.Text) > room {
			break
		}
		if len(body) > 0 {
			body = append(body, ',')
		}
		body = append(body, ch.Text...)
	}
	return body
}
