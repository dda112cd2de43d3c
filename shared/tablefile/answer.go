package tablefile

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// answer gives what was found out about a table under a key: what the shelf, which may be
// nil, has of it, else what find finds. Equal questions at the same time are answered
// once; find may take so many bytes for its work.
func answer[T any](ctx context.Context, v *Views, shelf Shelf, key viewKey, work int64, find func() (T, error)) (found T, err error) {
	done, err := v.alone(ctx, key)
	if err != nil {
		return found, err
	}
	defer done()
	if found, ok := shelvedAnswer[T](shelf, key); ok {
		return found, nil
	}
	finished, err := v.takeWork(ctx, work)
	if err != nil {
		return found, err
	}
	defer finished()
	if found, err = find(); err != nil || shelf == nil {
		return found, err
	}
	text, err := json.Marshal(found)
	if err != nil {
		return found, fmt.Errorf("encode answer: %w", err)
	}
	_ = shelf.Keep(key.text(), func(w io.Writer) error { // it is known already
		_, err := io.Copy(w, bytes.NewReader(text))
		return err
	})
	return found, nil
}

// shelvedAnswer reads one from the shelf, if it is there.
func shelvedAnswer[T any](shelf Shelf, key viewKey) (found T, ok bool) {
	if shelf == nil {
		return found, false
	}
	kept, err := shelf.Kept(key.text())
	if err != nil || kept == nil {
		return found, false
	}
	defer kept.Close()
	return found, json.NewDecoder(io.NewSectionReader(kept, 0, math.MaxInt64)).Decode(&found) == nil
}

// alone waits until nobody else is at a key.
func (v *Views) alone(ctx context.Context, key viewKey) (done func(), err error) {
	for {
		v.mu.Lock()
		making, running := v.making[key]
		if !running {
			making = make(chan struct{})
			v.making[key] = making
			v.mu.Unlock()
			return func() {
				v.mu.Lock()
				defer v.mu.Unlock()
				delete(v.making, key)
				close(making)
			}, nil
		}
		v.mu.Unlock()
		select {
		case <-making:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
