package xmltable

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"ret/shared/fault"
)

// documentRecord is Plan.Record where the document is its own record.
const documentRecord = "(document)"

func itoa(n int) string { return strconv.Itoa(n) }

// Choose decides what a record is and which tables and columns follow, in time
// that grows with the shape. It fails with fault.Invalid if opt.Record finds
// nothing, with fault.TooLarge if a table would have too many columns, or with
// ctx's error.
func Choose(ctx context.Context, s *Shape, opt Options) (*Plan, error) {
	if opt.MaxRepeat < 0 {
		return nil, fault.New(fault.Invalid, "The largest number of repeats in columns has to be at least 1.")
	}
	def(&opt.MaxRepeat, defaultMaxRepeat)
	opt.Limits = opt.Limits.withDefaults()
	root := newKin(nil, []*path{s.root()})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	root.name = escapeReserved(s.root().local)
	candidates := root.candidates()
	chosen, err := root.choose(opt.Record, candidates)
	if err != nil {
		return nil, err
	}
	p := &Plan{Root: s.Root(), Record: chosen[0].recordPath(), shape: s, opt: opt}
	if strings.HasPrefix(opt.Record, "//") && chosen[0] != root {
		p.Record = opt.Record
	}
	for _, c := range candidates {
		p.Candidates = append(p.Candidates, Candidate{c.recordPath(), c.count, c.weight})
	}
	return p, p.layOut(ctx, root, chosen)
}

// candidates are the topmost repeated elements, heaviest first.
func (k *kin) candidates() []*kin {
	found := k.topmostRepeated(nil)
	slices.SortStableFunc(found, func(a, b *kin) int { return int(min(1, max(-1, b.weight-a.weight))) })
	return found
}

func (k *kin) topmostRepeated(found []*kin) []*kin {
	for _, c := range k.children {
		if c.repeats() {
			found = append(found, c)
		} else {
			found = c.topmostRepeated(found)
		}
	}
	return found
}

// choose finds the record, k being the root.
func (k *kin) choose(record string, candidates []*kin) ([]*kin, error) {
	var chosen []*kin
	switch name, byName := strings.CutPrefix(record, "//"); {
	case record == "":
		return []*kin{k.automatic(candidates)}, nil
	case record == documentRecord:
		return []*kin{k}, nil
	case byName:
		chosen = k.named(name, nil)
	default:
		chosen = k.at(strings.Split(record, "/"))
	}
	if len(chosen) == 0 {
		return nil, fault.New(fault.Invalid, "The record %s is not in this document; choose one that inspecting it shows.", record)
	}
	return chosen, nil
}

// automatic is the choice of docs/flattening.md, section 1.
func (k *kin) automatic(candidates []*kin) *kin {
	if len(candidates) > 0 && 2*candidates[0].weight >= k.weight {
		return candidates[0]
	}
	for at := k; ; {
		var heaviest, deeper *kin
		withChildren := 0
		for _, c := range at.children {
			if c.repeats() && (heaviest == nil || c.weight > heaviest.weight) {
				heaviest = c
			}
			if len(c.children) > 0 {
				withChildren++
				deeper = c
			}
		}
		switch {
		case heaviest != nil:
			return heaviest
		case withChildren != 1:
			return k
		}
		at = deeper
	}
}

// named finds the topmost elements of a local name.
func (k *kin) named(name string, found []*kin) []*kin {
	if k.paths[0].local == name {
		return append(found, k)
	}
	for _, c := range k.children {
		found = c.named(name, found)
	}
	return found
}

// at follows names from k's children down. A name is a column's name, or a local
// name where no column is called so.
func (k *kin) at(names []string) []*kin {
	if len(names) == 0 {
		return []*kin{k}
	}
	for _, c := range k.children {
		if c.bare() == names[0] {
			return c.at(names[1:])
		}
	}
	return nil
}
