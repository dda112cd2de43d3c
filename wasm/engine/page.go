package engine

import (
	"errors"

	"ret/shared/wire"
	"ret/shared/workspace"
	"ret/web/view"
)

// Ask answers a page: how the engine stands, and if it is ready all that
// happened since the page's cursor; or what became of its person's change, or
// which tables' rows are here.
func (e *Engine) Ask(a Ask) {
	e.put(func() {
		switch a.Type {
		case AskFollow:
			e.followed(a)
		case AskMutate:
			if a.Mutate != nil {
				e.mutate(a.Page, *a.Mutate)
			}
		case AskDismiss:
			e.dismiss(a.Dismiss)
		case AskKept:
			e.sayKept(a)
		}
	})
}

// followed tells a page what it has missed, if that can be known here.
func (e *Engine) followed(a Ask) {
	if !e.ready {
		e.tell(a.Page, e.standing())
		return
	}
	if err := e.answer(a); err != nil {
		e.cfg.Log("page not answered", err)
		e.tell(a.Page, e.unready())
	}
}

func (e *Engine) sayKept(a Ask) {
	kept, err := e.cfg.Pages.Rows.Kept(e.ctx, a.Kept)
	if err != nil {
		e.cfg.Log("kept rows not found", err)
		return
	}
	e.tell(a.Page, KeptRows{kept})
}

// answer greets a page as the server would, tells it what it has missed, and
// last how the engine stands: by then the page is where the engine is.
func (e *Engine) answer(a Ask) error {
	at, err := e.cfg.Replica.Cursor(e.ctx)
	if err != nil {
		return err
	}
	w := wire.Welcome{Epoch: e.cfg.Replica.Epoch(), Cursor: at.Seq, ExpiresAt: e.sessionEnd()}
	switch {
	case a.Epoch != w.Epoch:
		e.tell(a.Page, wire.Reset(w))
		return nil
	case a.Cursor > at.Seq:
		// Drawn a moment ago: the replica is about to hear of it.
		e.tell(a.Page, e.unready())
		return nil
	}
	e.tell(a.Page, w)
	if a.Cursor < at.Seq {
		err = e.show(a.Page, a.Cursor)
	}
	if errors.Is(err, workspace.ErrForgotten) {
		e.tell(a.Page, wire.Reset(w))
		err = nil
	}
	if err == nil {
		err = e.showEffects(a.Page, e.touched)
	}
	e.tell(a.Page, e.standing())
	return err
}

// show tells a page, or all, what changed after a seq.
func (e *Engine) show(page string, after int64) error {
	changed, to, err := e.cfg.Replica.Changes(e.ctx, after, maxChanges)
	if err != nil {
		return err
	}
	encoded, err := view.EncodeFragments(e.ctx, e.cfg.Replica.Workspace, changed)
	if err != nil {
		return err
	}
	e.deal(page, after, to, encoded)
	return nil
}

// maxChanges is what is drawn at once; of more a page shows nothing anyway.
const maxChanges = 1 << 30

// deal tells changes as deltas that chain.
func (e *Engine) deal(page string, from, to int64, changes []wire.EncodedChange) {
	for {
		frame, reached := wire.EncodeDelta(from, to, changes)
		e.cfg.Tell(Message{page, frame})
		if reached >= to {
			return
		}
		n := 0
		for n < len(changes) && changes[n].Seq <= reached {
			n++
		}
		from, changes = reached, changes[n:]
	}
}
