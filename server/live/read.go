package live

import (
	"errors"
	"net"
	"time"

	"github.com/gorilla/websocket"

	"ret/shared/fault"
	"ret/shared/wire"
	"ret/shared/workspace"
)

// read is the socket's own goroutine: hello, then mutations, until it closes.
func (c *client) read() {
	r := c.room
	defer func() {
		_ = c.conn.Close()
		r.leave(c)
		r.hub.cfg.Used(r.sessionID)
	}()
	c.conn.SetPongHandler(func(string) error { return c.alive() })
	c.conn.SetPingHandler(c.pong)
	if err := c.greet(); err != nil {
		c.fail(err)
		return
	}
	defer r.hub.beat.add(c)()
	for {
		if err := c.mutation(); err != nil {
			c.fail(err)
			return
		}
	}
}

// mutation takes the next mutation and does it.
func (c *client) mutation() error {
	body, err := c.begun()
	if err != nil {
		return err
	}
	if err := c.admitted(); err != nil {
		return err
	}
	frame, err := c.receive(body)
	if err != nil {
		return err
	}
	if err := c.alive(); err != nil {
		return errGone{err}
	}
	return c.do(frame)
}

// alive puts off the moment at which a silent client counts as gone. A pong does
// not put off the end of a frame that it comes within.
func (c *client) alive() error {
	if c.ending.Load() || c.inFrame {
		return nil
	}
	return c.conn.SetReadDeadline(time.Now().Add(2 * c.room.hub.cfg.PingEvery))
}

// errGone wraps what ends a socket that is lost or closed already.
type errGone struct{ error }

func (e errGone) Unwrap() error { return e.error }

// greet takes the hello and brings the client into the room.
func (c *client) greet() error {
	if err := c.conn.SetReadDeadline(time.Now().Add(c.room.hub.cfg.HelloWithin)); err != nil {
		return errGone{err}
	}
	frame, err := c.hello()
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return fault.New(fault.Invalid, "A client says hello at once.")
	}
	if err != nil {
		return err
	}
	hello, ok := frame.(*wire.Hello)
	if !ok {
		return fault.New(fault.Invalid, "A client's first frame is hello.")
	}
	if err := c.alive(); err != nil {
		return errGone{err}
	}
	return c.room.join(c, hello)
}

func (c *client) hello() (wire.Frame, error) {
	body, err := c.begun()
	if err != nil {
		return nil, err
	}
	return c.receive(body)
}

// do answers a frame after the hello.
func (c *client) do(frame wire.Frame) error {
	m, ok := frame.(*wire.Mutate)
	if !ok {
		return fault.New(fault.Invalid, "A client says hello once.")
	}
	r := c.room
	answer, err := r.mutate(workspace.Mutation{Client: m.Client, N: m.N, Name: m.Name, Args: m.Args, Base: m.Base})
	if err != nil {
		return err
	}
	var reply wire.Frame = wire.Ack{N: answer.N, Seq: answer.Seq}
	if answer.Rejected() {
		reply = wire.Rejected{N: answer.N, Code: answer.Code, Detail: answer.Detail}
	}
	text, err := wire.Encode(reply)
	if err != nil {
		return err
	}
	r.hub.figures.mutations.Add(1)
	r.mu.Lock()
	defer r.mu.Unlock()
	c.answer(text)
	return nil
}

// fail ends the socket as an error asks for, and waits for the farewell to have
// gone both ways. What the client sends meanwhile is dropped.
func (c *client) fail(err error) {
	r := c.room
	if gone := (errGone{}); errors.As(err, &gone) {
		return
	}
	code, text := websocket.CloseTryAgainLater, "try again later"
	switch {
	case errors.Is(err, errParting): // and has its farewell
	case errors.Is(err, errFrameTooSlow):
		code, text = wire.CodeTooSlow, closeText(fault.Message(errFrameTooSlow))
	case errors.Is(err, workspace.ErrAnswersFull):
		text = closeText(fault.Message(err))
	case errors.Is(err, workspace.ErrGap):
		code, text = wire.CodeOutOfStep, "a mutation is missing"
	case fault.Is(err, fault.Invalid):
		code, text = wire.CodeBadFrame, closeText(fault.Message(err))
	case fault.Is(err, fault.SignedOut), fault.Is(err, fault.NotFound):
		// The session has ended, so its purge is on its way and says more.
		r.awaitFarewell()
		code, text = wire.CodeNotSignedIn, "not signed in"
	default:
		r.complain(err)
	}
	told := make(chan struct{})
	r.mu.Lock()
	c.end(code, text)
	if c.done {
		close(told)
	} else {
		c.told = told
	}
	r.mu.Unlock()
	<-told
	for {
		if _, _, err := c.conn.NextReader(); err != nil {
			return
		}
	}
}

// complain logs why a client is dropped, unless all of them are.
func (r *Room) complain(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.farewell == nil {
		r.hub.log.Error("live client dropped", "session", r.sessionID, "err", err)
	}
}

// closeText cuts a sentence to what a close frame holds.
func closeText(text string) string {
	const most = 123
	if len(text) <= most {
		return text
	}
	for most := most; ; most-- {
		if text[most]&0xC0 != 0x80 { // not inside a character
			return text[:most]
		}
	}
}
