package tablefile

import (
	"bytes"
	"context"
	"slices"
)

const (
	// samplePlaces is at how many places of a table rows are taken to find out how its
	// column is spread, and placeRows how many at each: few places, since what is read there
	// is remembered in place of what people look at.
	samplePlaces = 128
	placeRows    = 128

	// longSample is how long a text may be that bounds a pass.
	longSample = 256

	// leastOfRange is how many rows of a sample a pass must have for its bounds to be worth
	// something.
	leastOfRange = 16
)

// sortedInPasses is sorted where there is no room for all keys: each pass over the table
// finds the rows that come next. Where all are wanted, a sample says beforehand between
// which keys there are about as many rows as a pass has room for.
func (t *Table) sortedInPasses(ctx context.Context, s sorting, wanted int64, f func(row uint32)) (total int64, err error) {
	keys := t.room(s, wanted)
	bounds, err := t.bounds(ctx, s, keys)
	if err != nil {
		return 0, err
	}
	var chosen int64
	for behind := (*ownKey)(nil); ; {
		var before *ownKey
		if len(bounds) > 0 {
			before, bounds = bounds[0], bounds[1:]
		}
		keys.begin(behind, before)
		if total, err = t.offerAll(ctx, keys); err != nil {
			return 0, err
		}
		keys.sort()
		for _, k := range keys.keys {
			if chosen == wanted {
				return total, nil
			}
			f(k.row)
			chosen++
		}
		if keys.before == nil || chosen == wanted {
			return total, nil
		}
		if keys.before != before { // there was no room for all up to the bound
			bounds = slices.Insert(bounds, 0, before)
		}
		if len(keys.keys) > 0 {
			behind = keys.own(keys.keys[len(keys.keys)-1])
		}
	}
}

// room makes room for the first rows of an order, of which so many are wanted.
func (t *Table) room(s sorting, wanted int64) *sortKeys {
	most := min(t.index.Rows, t.sortRoom.keys)
	if wanted < most/2 {
		most = max(2, 2*wanted) // half of them are dropped when it is full
	}
	return &sortKeys{sorting: s, keys: make([]sortKey, 0, most), maxKeys: int(most), maxTexts: t.sortRoom.texts}
}

// bounds are keys in order between which about as many rows lie as there is room for; none
// where a single pass does, or a sample is of no use.
func (t *Table) bounds(ctx context.Context, s sorting, room *sortKeys) ([]*ownKey, error) {
	if t.index.Rows <= int64(room.maxKeys) || room.maxKeys < int(min(t.index.Rows, t.sortRoom.keys)) {
		return nil, nil
	}
	sample, looked, err := t.sample(ctx, s)
	if err != nil || looked == 0 {
		return nil, err
	}
	slices.SortFunc(sample, func(a, b *ownKey) int { return s.compare(a.sortKey, a.text, b.sortKey, b.text) })
	rows := t.index.Rows * int64(len(sample)) / looked
	ranges := int(rows/(int64(room.maxKeys)*9/10)) + 1
	if len(sample)/ranges < leastOfRange {
		return nil, nil
	}
	bounds := make([]*ownKey, 0, ranges)
	for i := 1; i < ranges; i++ {
		bounds = append(bounds, sample[len(sample)*i/ranges])
	}
	return bounds, nil
}

// sample takes the keys of a few rows here and there that the filters let through, and
// says at how many rows it looked.
func (t *Table) sample(ctx context.Context, s sorting) (sample []*ownKey, looked int64, err error) {
	blocks := (t.index.Rows + indexEvery - 1) / indexEvery
	step := max(1, blocks/samplePlaces)
	for block := int64(0); block < blocks; block += step {
		first := block * indexEvery
		part := parts{t, first, min(first+placeRows, t.index.Rows), s.reach}
		err := part.scan(ctx, 0, func(row int64, cells [][]byte) error {
			looked++
			if k, text := newSortKey(uint32(row), cells[s.by.column]); matchAll(s.filters, cells) && len(text) <= longSample {
				sample = append(sample, &ownKey{k, bytes.Clone(text)})
			}
			return nil
		})
		if err != nil {
			return nil, 0, err
		}
	}
	return sample, looked, nil
}

// passPart is what a pass finds in a part of the rows: keys between its bounds, whose texts
// stand where sortKeys has them.
type passPart struct {
	keys  []sortKey
	texts []byte
	total int64
}

// offerAll makes one pass over the rows that the filters let through, and counts them.
func (t *Table) offerAll(ctx context.Context, keys *sortKeys) (total int64, err error) {
	behind, before := keys.behind, keys.before // the parts are scanned while keys change
	s := keys.sorting
	err = scanParts(ctx, t.wholeInParts(s.reach), func() partScan[passPart] { return s.beginPass(behind, before) }, func(p passPart) error {
		total += p.total
		for _, k := range p.keys {
			text := textAt(p.texts, k)
			k.rest &= classMask
			keys.offer(k, text)
		}
		return nil
	})
	return total, err
}

func (s sorting) beginPass(behind, before *ownKey) partScan[passPart] {
	var part passPart
	filters := s.again()
	return partScan[passPart]{
		row: func(row int64, cells [][]byte) error {
			if !matchAll(filters, cells) {
				return nil
			}
			part.total++
			k, text := newSortKey(uint32(row), cells[s.by.column])
			if s.isBetween(k, text, behind, before) {
				part.texts = k.keep(part.texts, text)
				part.keys = append(part.keys, k)
			}
			return nil
		},
		end: func() passPart {
			found := part
			part = passPart{keys: make([]sortKey, 0, len(found.keys)), texts: make([]byte, 0, len(found.texts))}
			return found
		},
	}
}
