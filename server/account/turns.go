package account

import (
	"context"
	"sync"
)

// turns lets one holder of a key in at a time. Tries with the same name and
// address take turns, so that a failure that is assumed while a password is
// being checked never counts against a right one beside it.
type turns struct {
	mu   sync.Mutex
	keys map[string]*turn
}

type turn struct {
	free  chan struct{} // holds one token while nobody has the key
	users int           // holding or waiting
}

// take waits for the key and returns what gives it back. It fails if ctx ends
// or too many are waiting.
func (t *turns) take(ctx context.Context, key string) (release func(), err error) {
	k, err := t.join(key)
	if err != nil {
		return nil, err
	}
	select {
	case <-k.free:
	case <-ctx.Done():
		t.leave(key, k)
		return nil, ctx.Err()
	}
	return func() {
		k.free <- struct{}{}
		t.leave(key, k)
	}, nil
}

func (t *turns) join(key string) (*turn, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k := t.keys[key]
	if k == nil {
		k = &turn{free: make(chan struct{}, 1)}
		k.free <- struct{}{}
		t.keys[key] = k
	}
	if k.users >= maxWaiting {
		return nil, errBusy
	}
	k.users++
	return k, nil
}

func (t *turns) leave(key string, k *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if k.users--; k.users == 0 {
		delete(t.keys, key)
	}
}
