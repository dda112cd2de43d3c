package profile

import "sync/atomic"

// Room is how many bytes the values of several tables may take while they are learnt. It
// may be used concurrently.
type Room struct{ left atomic.Int64 }

// NewRoom is one of so many bytes.
func NewRoom(bytes int64) *Room {
	r := &Room{}
	r.left.Store(bytes)
	return r
}

// take takes n bytes, if they are there.
func (r *Room) take(n int64) bool {
	if r.left.Add(-n) >= 0 {
		return true
	}
	r.left.Add(n)
	return false
}
