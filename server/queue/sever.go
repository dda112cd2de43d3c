package queue

// A run that is called off and does not end within the queue's patience is cut
// off: nobody waits for it any longer, its place is free for others, and what it
// still does reaches nothing, for its runner has revoked what it holds (OnSever)
// and its attempt no longer owns the job. Its goroutine ends when it comes to its
// next look at any of that.

// OnSever has fn called if the run is cut off, before anybody who waits for it is
// told that it has ended; at once if that has happened.
func (t *Task) OnSever(fn func()) {
	t.severing.Lock()
	severed := t.severed
	if !severed {
		t.onSever = append(t.onSever, fn)
	}
	t.severing.Unlock()
	if severed {
		fn()
	}
}

func (t *Task) isSevered() bool {
	t.severing.Lock()
	defer t.severing.Unlock()
	return t.severed
}

// sever cuts the run off, unless it has ended.
func (t *Task) sever() {
	t.severing.Lock()
	t.severed = true
	revoke := t.onSever
	t.onSever = nil
	t.severing.Unlock()
	for _, fn := range revoke {
		fn()
	}
	if t.place != nil {
		t.place.Leave()
	}
	q := t.queue()
	q.mu.Lock()
	defer q.mu.Unlock()
	if t.record.task == t {
		q.cfg.Log.Error("a job that was called off does not end; it is cut off", "kind", t.Kind)
		t.record.end()
	}
}
