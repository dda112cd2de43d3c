package tablefile

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"

	"ret/shared/profile"
)

// profileRoom is what the values of a table may take while it is read to learn its
// columns.
const profileRoom = 32 << 20

// Profile reads the rows that a query's filters let through, and says what is in their
// columns. Its order, its place and what it hides do not matter.
func (t *Table) Profile(ctx context.Context, q Query) (profile.Profile, error) {
	asked, err := parseQuery(q.filtersOnly(), t.Columns)
	if err != nil {
		return profile.Profile{}, err
	}
	c := profile.New(len(t.Columns), profile.NewRoom(profileRoom))
	if runtime.GOMAXPROCS(0) > 1 {
		defer c.LearnAside()()
	}
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

// KeepProfile puts the profile of a whole table, learnt elsewhere, on the shelf where
// Views.Profile finds it. name is as in Views.Page.
func KeepProfile(shelf Shelf, name string, columns []string, p profile.Profile) error {
	for i, column := range columns {
		p.Columns[i].Name = column
	}
	text, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode profile: %w", err)
	}
	return shelf.Keep(newViewKey("profile "+name, Query{}).text(), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// ProfileKept reports whether the profile of a whole table is on the shelf.
func ProfileKept(shelf Shelf, name string) bool {
	kept, err := shelf.Kept(newViewKey("profile "+name, Query{}).text())
	if err != nil || kept == nil {
		return false
	}
	_ = kept.Close()
	return true
}

// Profile is Table.Profile with what is kept on the shelf, which may be nil.
func (v *Views) Profile(ctx context.Context, shelf Shelf, name string, t *Table, q Query) (profile.Profile, error) {
	key := newViewKey("profile "+name, q.filtersOnly())
	return answer(ctx, v, shelf, key, min(t.index.Bytes+smallWork, profileRoom), func() (profile.Profile, error) { return t.Profile(ctx, q) })
}
