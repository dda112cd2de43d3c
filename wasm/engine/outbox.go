package engine

import (
	"slices"

	"ret/shared/fault"
	"ret/shared/replica"
	"ret/shared/wire"
	"ret/shared/workspace"
	"ret/web/view"
)

// dismiss forgets a rejection that the person has seen.
func (e *Engine) dismiss(id int64) {
	if err := e.cfg.Replica.Dismiss(e.ctx, id); err != nil {
		e.cfg.Log("rejection not dismissed", err)
	}
	e.stand()
}

// mutate takes a change, shows its effect to all pages and sends it if there is
// a server to hear it.
func (e *Engine) mutate(page string, m Mutate) {
	p, err := e.take(m)
	if err != nil {
		e.cfg.Log("change not taken", err)
		e.tell(page, Refused{Ask: m.Ask, Code: fault.KindOf(err).String(), Detail: fault.Message(err)})
		return
	}
	e.tell(page, Taken{Ask: m.Ask, N: p.N})
	if p.N == 0 {
		return // done here alone
	}
	if err := e.showNow("", p.Touched); err != nil {
		e.cfg.Log("effect not shown", err)
	}
	e.stand()
	if !e.online() {
		return
	}
	if err := e.line.push(); err != nil {
		e.line.fail(err)
	}
}

var errNotReady = fault.New(fault.Unavailable, "The copy in this browser is not complete yet. Try again in a moment.")

func (e *Engine) take(m Mutate) (replica.Pending, error) {
	if !e.ready {
		return replica.Pending{}, errNotReady
	}
	if done, err := e.mutateLocal(m); done || err != nil {
		return replica.Pending{}, err
	}
	base, err := e.base(m.Name)
	if err != nil {
		return replica.Pending{}, err
	}
	return e.cfg.Replica.Mutate(e.ctx, m.Ask, m.Name, m.Args, base)
}

// base is what a deletion of a file depends on: that the file is as the person
// saw it. A cancel is meant whatever the job has done since: progress changes it
// all the time.
func (e *Engine) base(name string) (int64, error) {
	if name != workspace.MutationFileDelete {
		return 0, nil
	}
	at, err := e.cfg.Replica.Cursor(e.ctx)
	return at.Seq, err
}

// maxUnanswered bounds what is sent before answers come: the server drops a
// client that leaves many of them unread.
const maxUnanswered = 64

// push sends what waits and has not gone out on this line.
func (l *line) push() error {
	frames, err := l.e.cfg.Replica.Unanswered(l.e.ctx, l.sent, maxUnanswered-l.unanswered)
	if err != nil {
		return err
	}
	for _, m := range frames {
		text, err := wire.Encode(m)
		if err != nil {
			return err
		}
		l.socket.Send(text)
		l.sent = m.N
		l.unanswered++
	}
	return nil
}

// answered takes an ack or a rejection, and tells pages what differs by it.
func (l *line) answered(f wire.Frame) error {
	e := l.e
	l.unanswered = max(0, l.unanswered-1)
	before, err := e.effects()
	if err != nil {
		return err
	}
	changed, err := e.cfg.Replica.Answered(e.ctx, f)
	if err == nil && changed && e.ready {
		err = e.showEffects("", before)
	}
	if err != nil {
		return err
	}
	e.stand()
	return l.push()
}

// effects are the things that differ from the server's, for showEffects and
// showNews to find out later which of them do not any more.
func (e *Engine) effects() ([]workspace.Change, error) {
	on, _, err := e.cfg.Replica.Effects(e.ctx, nil)
	return on, err
}

// showEffects tells a page, or all, what differs from the server because of the
// outbox, and of the things of earlier what does not any more.
func (e *Engine) showEffects(page string, earlier []workspace.Change) error {
	on, off, err := e.cfg.Replica.Effects(e.ctx, earlier)
	if err != nil {
		return err
	}
	return e.showNow(page, append(off, on...))
}

// showNews tells all pages which things differ from the server since a delta and
// did not before it, and the other way round. What differs still has only changed
// if it was in the delta, which has been shown.
func (e *Engine) showNews(before []workspace.Change) error {
	on, news, err := e.cfg.Replica.Effects(e.ctx, before)
	if err != nil {
		return err
	}
	known := make(map[workspace.Change]bool, len(before))
	for _, ch := range before {
		known[ch] = true
	}
	for _, ch := range on {
		if !known[ch] {
			news = append(news, ch)
		}
	}
	return e.showNow("", news)
}

// showNow tells a page, or all, how things are now. It is said as deltas that go
// nowhere: the cursor is the server's.
func (e *Engine) showNow(page string, changed []workspace.Change) error {
	if len(changed) == 0 {
		return nil
	}
	changed = slices.Clone(changed)
	at, err := e.cfg.Replica.Cursor(e.ctx)
	if err != nil {
		return err
	}
	for i := range changed {
		changed[i].Seq = at.Seq
	}
	e.remember(changed)
	encoded, err := view.EncodeFragments(e.ctx, e.cfg.Replica.Workspace, changed)
	if err != nil {
		return err
	}
	for len(encoded) > 0 {
		n := fitting(encoded)
		frame, _ := wire.EncodeDelta(at.Seq, at.Seq, encoded[:n])
		e.cfg.Tell(Message{page, frame})
		encoded = encoded[n:]
	}
	return nil
}

// effectBytes is where the fragments of effects are cut into deltas.
const effectBytes = 256 << 10

// fitting counts the first changes that go into one delta, at least one.
func fitting(changes []wire.EncodedChange) int {
	bytes := 0
	for i, ch := range changes {
		if bytes += len(ch.Text); bytes > effectBytes {
			return max(1, i)
		}
	}
	return len(changes)
}

// maxTouched bounds what is remembered for pages that were put away.
const maxTouched = 1000

// remember adds things to those that effects have changed.
func (e *Engine) remember(changed []workspace.Change) {
	known := make(map[[2]string]bool, len(e.touched))
	for _, ch := range e.touched {
		known[[2]string{string(ch.Entity), ch.ID}] = true
	}
	for _, ch := range changed {
		if !known[[2]string{string(ch.Entity), ch.ID}] {
			e.touched = append(e.touched, ch)
		}
	}
	e.touched = e.touched[max(0, len(e.touched)-maxTouched):]
}

// maxRejections bounds what a page shows of them at once.
const maxRejections = 20

// countOutbox says how the outbox stands.
func (e *Engine) countOutbox(s *Standing) error {
	counts, err := e.cfg.Replica.OutboxCount(e.ctx)
	if err != nil {
		return err
	}
	s.Waiting, s.Rejected = counts[replica.PendingWaiting], counts[replica.PendingRejected]
	if s.Rejected == 0 {
		return nil
	}
	rejected, err := e.cfg.Replica.Rejected(e.ctx, maxRejections)
	for _, p := range rejected {
		s.Rejections = append(s.Rejections, Rejection{ID: p.ID, Name: p.Name, MadeAt: p.MadeAt, Detail: p.Detail})
	}
	return err
}
