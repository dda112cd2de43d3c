package tablefile

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"

	"ret/shared/profile"
)

// profileRoom is what the values of a table may take while it is read to learn its
// columns.
const profileRoom = 32 << 20

// Profile reads the rows that a query's filters let through, and says what is in their
// columns. Its order, its place and what it hides do not matter.
func (t *Table) Profile(ctx context.Context, q Query) (profile.Profile, error) {
	asked, err := parseQuery(Query{Filters: q.Filters, In: q.In, Regex: q.Regex, Text: q.Text}, t.Columns)
	if err != nil {
		return profile.Profile{}, err
	}
	c := profile.New(len(t.Columns), profile.NewRoom(profileRoom))
	err = t.Each(ctx, func(_ int64, cells [][]byte) error {
		if matchAll(asked.filters, cells) {
			c.Row(cells)
		}
		return nil
	})
	if err != nil {
		return profile.Profile{}, err
	}
	p := c.Profile()
	for i, name := range t.Columns {
		p.Columns[i].Name = name
	}
	return p, nil
}

// Profile is Table.Profile with what is kept on the shelf, which may be nil.
func (v *Views) Profile(ctx context.Context, shelf Shelf, name string, t *Table, q Query) (p profile.Profile, err error) {
	key := newViewKey("profile "+name, Query{Filters: q.Filters, In: q.In, Regex: q.Regex, Text: q.Text})
	done, err := v.alone(ctx, key)
	if err != nil {
		return p, err
	}
	defer done()
	if p, ok := shelvedProfile(shelf, key); ok {
		return p, nil
	}
	finished, err := v.takeWork(ctx, min(t.index.Bytes+smallWork, profileRoom))
	if err != nil {
		return p, err
	}
	defer finished()
	if p, err = t.Profile(ctx, q); err != nil || shelf == nil {
		return p, err
	}
	text, err := json.Marshal(p)
	if err != nil {
		return p, fmt.Errorf("encode profile: %w", err)
	}
	_ = shelf.Keep(key.text(), func(w io.Writer) error { // it is known already
		_, err := io.Copy(w, bytes.NewReader(text))
		return err
	})
	return p, nil
}

// shelvedProfile reads one from the shelf, if it is there.
func shelvedProfile(shelf Shelf, key viewKey) (p profile.Profile, ok bool) {
	if shelf == nil {
		return p, false
	}
	kept, err := shelf.Kept(key.text())
	if err != nil || kept == nil {
		return p, false
	}
	defer kept.Close()
	return p, json.NewDecoder(io.NewSectionReader(kept, 0, math.MaxInt64)).Decode(&p) == nil
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
