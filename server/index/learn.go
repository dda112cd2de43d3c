package index

import (
	"context"

	"ret/shared/profile"
	"ret/shared/tablefile"
	"ret/shared/workspace"
)

const (
	// profileRoom is what the values of a table may take while it is learnt.
	profileRoom = 32 << 20

	// aheadBytes is from how many bytes on a table's profile is learnt before the index is
	// made, which takes several times as long: of a smaller one it is there at once.
	aheadBytes = 4 << 20

	// learntRows is how many rows are learnt between two rests.
	learntRows = 1 << 16
)

// learnAhead learns the profiles of large tables that are not indexed yet, the newest first.
func (x *Index) learnAhead(ctx context.Context, w Work) error {
	list, where, err := x.known(ctx)
	if err != nil {
		return err
	}
	for i := range list {
		if where[i] != nil || list[i].Bytes < aheadBytes {
			continue
		}
		if err := x.learn(ctx, w, &list[i]); err != nil {
			return err
		}
	}
	return nil
}

func (x *Index) learn(ctx context.Context, w Work, t *workspace.SearchedTable) error {
	learnt := x.beginProfile(t)
	if learnt.known {
		return nil
	}
	defer learnt.end()
	stored, content, err := w.table(ctx, t)
	if err != nil {
		return unlessGone(err)
	}
	defer content.Close()
	err = stored.Each(ctx, func(row int64, cells [][]byte) error {
		learnt.row(cells)
		if (row+1)%learntRows == 0 {
			return w.Rest(ctx)
		}
		return nil
	})
	if err != nil {
		return err
	}
	learnt.keep()
	return nil
}

// tableProfile is that of a table, as it is learnt and put where people look for it.
type tableProfile struct {
	known   bool // it is there already, or another job is learning it
	index   *Index
	columns []string
	shelf   tablefile.Shelf
	name    string
	learnt  *profile.Collector
}

func (x *Index) beginProfile(t *workspace.SearchedTable) *tableProfile {
	p := &tableProfile{index: x, columns: t.Columns, shelf: TableShelf(x.folder, t.Blob), name: ViewName(t.ID, t.Blob)}
	if p.known = tablefile.ProfileKept(p.shelf, p.name) || !x.beginLearning(p.name); !p.known {
		p.learnt = profile.New(len(t.Columns), profile.NewRoom(profileRoom))
	}
	return p
}

// beginLearning reports false if another job is at it, which gives way in between.
func (x *Index) beginLearning(name string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.learning[name] {
		return false
	}
	x.learning[name] = true
	return true
}

func (p *tableProfile) row(cells [][]byte) {
	if !p.known {
		p.learnt.Row(cells)
	}
}

// keep keeps what was learnt. What cannot be kept is learnt when somebody asks.
func (p *tableProfile) keep() {
	if !p.known {
		_ = tablefile.KeepProfile(p.shelf, p.name, p.columns, p.learnt.Profile())
	}
}

// end lets others learn what was not kept.
func (p *tableProfile) end() {
	if !p.known {
		p.index.mu.Lock()
		defer p.index.mu.Unlock()
		delete(p.index.learning, p.name)
	}
}
