package engine

import (
	"context"
	"errors"
	"time"

	"ret/shared/profile"
	"ret/shared/replica"
	"ret/shared/wire"
	"ret/shared/workspace"
)

// Config is what an engine works with; all fields are needed.
type Config struct {
	Replica *replica.Replica
	Dial    Dial          // opens the live channel
	Tell    func(Message) // says something to pages; must not wait
	Bytes   func() int64  // what the replica takes on disk
	Log     func(string, error)
	Backoff func(failures int) time.Duration
	Pages   Pages // how whole pages are drawn
	Local   Local // what this browser converts itself
}

// Engine follows one session.
type Engine struct {
	cfg    Config
	events chan func()
	full   chan struct{} // closed by the first event that finds no room

	// The rest belongs to the goroutine of Run.
	ctx      context.Context
	line     *line // the connection at hand, or nil
	failures int   // in a row
	greeting wire.Welcome
	ready    bool
	problem  string
	ended    bool // the session is erased
	endWatch *time.Timer
	endAsked bool // the server is being asked whether the session has ended
	clock    clock
	ahead    ahead

	localFiles map[string][]string // files of the conversions that are taken, by job

	kinds map[string][]profile.Kind // of the columns of tables that statements have read, by table

	// touched are the things that effects have changed since the engine runs: a
	// page that was put away may still show an effect that is off by now.
	touched []workspace.Change
}

// maxEvents bounds what waits: a second of the fastest server and a page's
// impatience.
const maxEvents = 4096

// ErrBehind means that more happened than the engine could keep up with.
var ErrBehind = errors.New("events came faster than they were dealt with")

// ErrPurged means that the session is erased: what is stored of it must go.
var ErrPurged = errors.New("the session is erased")

// New makes an engine. Nothing happens before Run.
func New(cfg Config) *Engine {
	return &Engine{cfg: cfg, clock: clock{local: cfg.Pages.Now}, events: make(chan func(), maxEvents), full: make(chan struct{}, 1), localFiles: make(map[string][]string), kinds: make(map[string][]profile.Kind)}
}

// Run connects to the server, again and again, and deals with events until ctx
// is done, the session is erased (ErrPurged) or it falls behind (ErrBehind).
func (e *Engine) Run(ctx context.Context) error {
	e.ctx = ctx
	defer func() {
		if e.line != nil {
			e.line.socket.Close()
		}
		if e.endWatch != nil {
			e.endWatch.Stop()
		}
	}()
	e.resume()
	if !e.ended {
		e.connect()
		if !e.endAsked { // else what is there may be all that is left of the session
			e.rehearse() // while the browser opens the line
		}
	}
	for !e.ended {
		select {
		case event := <-e.events:
			event()
		case <-e.full:
			return ErrBehind
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ErrPurged
}

// put queues an event without waiting.
func (e *Engine) put(event func()) {
	select {
	case e.events <- event:
	default:
		select {
		case e.full <- struct{}{}:
		default:
		}
	}
}

// stand tells all pages how the engine stands.
func (e *Engine) stand() { e.tell("", e.standing()) }

func (e *Engine) standing() Standing {
	s := Standing{Ready: e.ready, Online: e.online(), Connecting: e.connecting(), Bytes: e.cfg.Bytes(), Problem: e.problem}
	at, err := e.cfg.Replica.Cursor(e.ctx)
	if err != nil {
		e.cfg.Log("replica cannot be read", err)
		s.Ready = false
	}
	s.Cursor = at.Seq
	if err := e.countOutbox(&s); err != nil {
		e.cfg.Log("outbox cannot be read", err)
	}
	if s.Rows, err = e.cfg.Pages.Rows.Bytes(e.ctx); err != nil {
		e.cfg.Log("kept rows cannot be counted", err)
	}
	return s
}

// unready tells one page not to follow for now.
func (e *Engine) unready() Standing {
	s := e.standing()
	s.Ready = false
	return s
}

// connecting reports whether no attempt at the server has failed since it was there last, or
// since the network came back.
func (e *Engine) connecting() bool { return !e.online() && e.failures == 0 }

// online reports whether the server is connected and has greeted.
func (e *Engine) online() bool { return e.line != nil && e.line.greeted }
