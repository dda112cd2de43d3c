package ratelimit

// window holds the instants, oldest first, of the requests that passed within
// the last window of time. It is a ring that grows up to the limit.
type window struct {
	ring  []int64 // nanoseconds
	first int
	count int
}

// expire forgets what happened at or before an instant.
func (w *window) expire(before int64) {
	for w.count > 0 && w.ring[w.first] <= before {
		w.first = (w.first + 1) % len(w.ring)
		w.count--
	}
}

func (w *window) at(i int) int64 { return w.ring[(w.first+i)%len(w.ring)] }

func (w *window) oldest() int64 { return w.ring[w.first] }

func (w *window) newest() int64 { return w.at(w.count - 1) }

// add appends an instant to a window that holds fewer than limit.
func (w *window) add(now int64, limit int) {
	if w.count == len(w.ring) {
		w.grow(min(max(2*w.count, 1), limit))
	}
	w.ring[(w.first+w.count)%len(w.ring)] = now
	w.count++
}

func (w *window) grow(size int) {
	ring := make([]int64, size)
	for i := range w.count {
		ring[i] = w.at(i)
	}
	w.ring, w.first = ring, 0
}

// copyOf returns a window with the same instants; w may be nil.
func copyOf(w *window) *window {
	if w == nil || w.count == 0 {
		return &window{}
	}
	c := *w
	c.ring = append([]int64(nil), w.ring...)
	return &c
}
