package cache

import (
	"context"
	"sync/atomic"
)

// reporter tells the log of a failure once, and again only after something has
// worked in between.
type reporter struct {
	log     func(error)
	failing atomic.Bool
}

// saw takes the outcome of an operation. A caller that gave up is no failure.
func (r *reporter) saw(ctx context.Context, err error) {
	switch {
	case err == nil:
		if r.failing.Load() {
			r.failing.Store(false)
		}
	case ctx.Err() != nil:
	case r.failing.CompareAndSwap(false, true):
		r.log(err)
	}
}
