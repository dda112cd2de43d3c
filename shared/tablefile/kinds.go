package tablefile

import (
	"context"

	"ret/shared/profile"
)

// Kinds says of each column what all its values are, as a profile does, by one scan that
// learns nothing else.
func (t *Table) Kinds(ctx context.Context) ([]profile.Kind, error) {
	n := profile.NewNarrower(len(t.Columns))
	err := t.Each(ctx, func(_ int64, cells [][]byte) error {
		n.Row(cells)
		return nil
	})
	return n.Kinds(), err
}

// Kinds is Table.Kinds with what is kept on the shelf, which may be nil: the kinds
// themselves, or the table's profile, which has them too.
func (v *Views) Kinds(ctx context.Context, shelf Shelf, name string, t *Table) ([]profile.Kind, error) {
	if kinds := v.KnownKinds(shelf, name, len(t.Columns)); kinds != nil {
		return kinds, nil
	}
	return answer(ctx, v, shelf, newViewKey("kinds "+name, Query{}), 0, func() ([]profile.Kind, error) { return t.Kinds(ctx) })
}

// KnownKinds are the kinds of a table of so many columns, if the shelf has them, else nil.
func (v *Views) KnownKinds(shelf Shelf, name string, columns int) []profile.Kind {
	if p, ok := shelvedAnswer[profile.Profile](shelf, newViewKey("profile "+name, Query{})); ok && len(p.Columns) == columns {
		return kindsOf(p)
	}
	if kinds, ok := shelvedAnswer[[]profile.Kind](shelf, newViewKey("kinds "+name, Query{})); ok && len(kinds) == columns {
		return kinds
	}
	return nil
}

func kindsOf(p profile.Profile) []profile.Kind {
	kinds := make([]profile.Kind, len(p.Columns))
	for i, c := range p.Columns {
		kinds[i] = c.Kind
	}
	return kinds
}
