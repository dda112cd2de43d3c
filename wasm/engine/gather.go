package engine

import (
	"time"

	"ret/shared/wire"
)

// Deltas that come while the engine is busy wait in the browser. They are taken over
// together, in one commit and one drawing, so that a page has the last of them as
// soon as it would have had the first.

// mostGathered is how many changes are taken over together: pages hear nothing
// meanwhile.
const mostGathered = 256

// gather keeps a delta until the browser has handed over what else has come.
func (l *line) gather(d *wire.Delta) {
	l.gathered = append(l.gathered, d)
	if len(l.gathered) > 1 {
		return // the first has set the clock
	}
	time.AfterFunc(5*time.Millisecond, func() {
		l.e.put(func() {
			l.current(func() {
				if err := l.followGathered(); err != nil {
					l.fail(err)
				}
			})
		})
	})
}

// followGathered takes over what was gathered.
func (l *line) followGathered() error {
	if len(l.gathered) == 0 {
		return nil
	}
	at, err := l.e.cfg.Replica.Cursor(l.e.ctx)
	if err != nil {
		return err
	}
	deltas := l.gathered
	l.gathered = nil
	for _, d := range joined(at.Seq, deltas) {
		if err := l.e.follow(d); err != nil {
			return err
		}
	}
	return nil
}

// joined leaves out deltas that are known at a cursor, and makes one of those that
// follow each other.
func joined(cursor int64, deltas []*wire.Delta) (list []*wire.Delta) {
	for _, d := range deltas {
		if wire.Follow(cursor, d.From, d.To) == wire.Known {
			continue
		}
		if len(list) > 0 {
			last := list[len(list)-1]
			if d.From == last.To && len(last.Changes)+len(d.Changes) <= mostGathered {
				last.To = d.To
				last.Changes = append(last.Changes, d.Changes...)
				continue
			}
		}
		list = append(list, d)
	}
	return list
}
