package engine

import (
	"errors"
	"time"

	"ret/shared/fault"
	"ret/shared/wire"
)

// Socket is one connection of the live channel. Its methods do not wait.
type Socket interface {
	Send(text []byte)
	Close()
}

// Dial begins to open a socket, and tells the listener what becomes of it.
type Dial func(Listener) Socket

// Listener hears of a socket; its methods may be called from any goroutine.
type Listener interface {
	Opened()
	Received(text []byte)
	Closed(code int, reason string) // once, also if it was never open
}

// line is one connection. Events of a line that is not the engine's any more are
// dropped.
type line struct {
	e       *Engine
	socket  Socket
	greeted bool
	whole   bool // the replica has had all that the server had when it greeted

	sent       int64 // number of the last mutation that went out
	unanswered int   // mutations that went out and are not answered

	gathered []*wire.Delta // that are not taken over yet
}

func (l *line) Opened() { l.e.put(func() { l.current(l.hello) }) }

func (l *line) Received(text []byte) {
	l.e.put(func() { l.current(func() { l.receive(text) }) })
}

func (l *line) Closed(code int, reason string) {
	l.e.put(func() { l.current(func() { l.closed(code, reason) }) })
}

func (l *line) current(do func()) {
	if l.e.line == l {
		do()
	}
}

// connect opens a new line.
func (e *Engine) connect() {
	l := &line{e: e}
	e.line = l
	l.socket = e.cfg.Dial(l)
}

func (l *line) hello() {
	hello, err := l.e.cfg.Replica.Hello(l.e.ctx)
	if err != nil {
		l.fail(err)
		return
	}
	text, err := wire.Encode(hello)
	if err != nil {
		l.fail(err)
		return
	}
	l.socket.Send(text)
}

// closed goes on as the server's close code asks.
func (l *line) closed(code int, reason string) {
	e := l.e
	e.line = nil
	switch code {
	case wire.CodePurged, wire.CodeNotSignedIn:
		e.purged(&wire.Purge{Epoch: e.cfg.Replica.Epoch(), Reason: wire.CloseReason(reason)})
		return
	}
	e.later()
	e.stand()
}

// fail gives up a line for a fault of ours or the server's, and says why to the
// person if it can be helped.
func (l *line) fail(err error) {
	e := l.e
	e.cfg.Log("live channel", err)
	if fault.Is(err, fault.NoSpace) {
		e.problem = "This browser has no room left for RET, so pages ask the server instead. Free some space on this computer's disk."
		e.ready = false
	}
	l.socket.Close()
	e.line = nil
	e.later()
	e.stand()
}

// later connects again after a while.
func (e *Engine) later() {
	e.failures++
	time.AfterFunc(e.cfg.Backoff(e.failures), func() {
		e.put(func() {
			if e.line == nil {
				e.connect()
			}
		})
	})
}

// Online says that the network is back: no need to wait any longer.
func (e *Engine) Online() {
	e.put(func() {
		if e.line == nil {
			e.failures = 0
			e.connect()
		}
	})
}

func (l *line) receive(text []byte) {
	frame, err := wire.DecodeServer(text)
	if delta, ok := frame.(*wire.Delta); ok && err == nil {
		l.gather(delta)
		return
	}
	if err == nil {
		err = l.followGathered()
	}
	if err == nil {
		err = l.take(frame, text)
	}
	if err != nil {
		l.fail(err)
	}
}

var errGap = errors.New("a delta does not follow")

func (l *line) take(frame wire.Frame, text []byte) error {
	e := l.e
	switch f := frame.(type) {
	case *wire.Welcome:
		return l.greet(f, *f)
	case *wire.Reset:
		return l.greet(f, wire.Welcome(*f))
	case *wire.Ack, *wire.Rejected:
		return l.answered(f)
	case *wire.Progress:
		e.cfg.Tell(Message{Frame: text})
	case *wire.Purge:
		e.purged(f)
	}
	return nil
}

func (l *line) greet(f wire.Frame, w wire.Welcome) error {
	e := l.e
	anew, err := e.cfg.Replica.Greeted(e.ctx, f)
	if err != nil {
		return err
	}
	l.greeted, e.failures, e.greeting = true, 0, w
	e.ready = e.ready && !anew // catching up is told to pages by the deltas
	if err := l.push(); err != nil {
		return err
	}
	return e.catchUp()
}

// catchUp tells pages once the replica is whole.
func (e *Engine) catchUp() error {
	at, err := e.cfg.Replica.Cursor(e.ctx)
	if err != nil {
		return err
	}
	if e.cfg.Replica.CaughtUp(at.Seq) {
		e.line.whole = true
		e.ready, e.problem = true, ""
		e.stand()
		e.askViewer()
		e.lookAhead()
		e.cfg.Local.Offer()
	}
	return nil
}

func (e *Engine) follow(d *wire.Delta) error {
	before, err := e.effects()
	if err != nil {
		return err
	}
	step, err := e.cfg.Replica.Apply(e.ctx, d)
	switch {
	case err != nil:
		return err
	case step == wire.Gap:
		return errGap
	case step == wire.Known:
		return nil
	case !e.ready:
		return e.catchUp()
	}
	if err := e.show("", d.From); err != nil {
		return err
	}
	e.cameNow(d.Changes)
	if err := e.showNews(before); err != nil {
		return err
	}
	e.settleLocals()
	if e.line.whole {
		return nil
	}
	return e.catchUp() // a replica that was shown before the server was heard of
}

// purged tells pages that the session is erased, and ends the engine.
func (e *Engine) purged(f *wire.Purge) {
	e.ended = true
	e.tell("", *f)
}
