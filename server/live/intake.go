package live

import (
	"errors"
	"io"
	"net"
	"time"

	"github.com/gorilla/websocket"

	"ret/shared/fault"
	"ret/shared/wire"
)

// What frames on their way may hold in memory: smallFrameBytes a socket, and
// beyond that a whole frame for each turn. A turn is given back when the frame is
// there or its time is over, so it is never waited for for long.
const (
	smallFrameBytes   = 16 << 10
	largeFramesOfRoom = 4
	largeFrames       = 32 // of all rooms

	// leastRate is how many bytes of a frame must come in a second, when it takes
	// longer than Config.FrameWithin.
	leastRate = 16 << 10
)

var (
	// errParting means that a socket was given a farewell while its reader waited.
	errParting = fault.New(fault.Unavailable, "This socket is being closed.")

	errFrameTooSlow = fault.New(fault.Invalid, "A frame comes too slowly.")
)

// turns are taken by sending and given back by receiving.
type turns chan struct{}

// take waits for a turn, unless over is closed first.
func (t turns) take(over <-chan struct{}) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-over:
		return errParting
	}
}

// admitted waits until the session may make one more request. Nothing is read
// meanwhile, so a client that sends too much is slowed down by its own network,
// and loses nothing.
func (c *client) admitted() error {
	for {
		wait := c.room.hub.cfg.Admit(c.room.sessionID)
		if wait <= 0 {
			return nil
		}
		timer := time.NewTimer(max(wait, time.Millisecond))
		select {
		case <-timer.C:
		case <-c.over:
			timer.Stop()
			return errParting
		}
	}
}

// pong answers a client's own ping, which is a request like any other.
func (c *client) pong(data string) error {
	if err := c.admitted(); err != nil {
		return err
	}
	if err := c.alive(); err != nil {
		return err
	}
	err := c.conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(c.room.hub.cfg.CloseWithin))
	if timeout, ok := errors.AsType[net.Error](err); errors.Is(err, websocket.ErrCloseSent) || ok && timeout.Timeout() {
		return nil
	}
	return err
}

// begun waits for a frame to begin.
func (c *client) begun() (io.Reader, error) {
	kind, body, err := c.conn.NextReader()
	if errors.Is(err, errParting) {
		return nil, err
	}
	if err != nil {
		return nil, errGone{err}
	}
	if kind != websocket.TextMessage {
		return nil, fault.New(fault.Invalid, "Frames are text.")
	}
	return body, nil
}

// receive reads the rest of a frame.
func (c *client) receive(body io.Reader) (wire.Frame, error) {
	c.inFrame = true
	defer func() { c.inFrame = false }()
	in := &frameReader{c: c, body: body, began: time.Now()}
	defer in.giveBack()
	data, err := in.read()
	if err != nil {
		return nil, err
	}
	return wire.DecodeClient(data)
}

// frameReader reads one frame within its time and its share of memory.
type frameReader struct {
	c     *client
	body  io.Reader
	began time.Time // later by what it waited for its turn
	taken []turns   // to be given back
}

// read returns the whole frame, or one byte more than a frame may have.
func (in *frameReader) read() ([]byte, error) {
	data, whole, err := in.fill(make([]byte, 0, 512), smallFrameBytes)
	if whole || err != nil {
		return data, err
	}
	if err := in.takeTurn(); err != nil {
		return nil, err
	}
	large := make([]byte, len(data), wire.MaxFrameBytes+1)
	copy(large, data)
	data, _, err = in.fill(large, wire.MaxFrameBytes+1)
	return data, err
}

// fill appends what comes to data, up to so many bytes in all.
func (in *frameReader) fill(data []byte, most int) (filled []byte, whole bool, err error) {
	for len(data) < most {
		if len(data) == cap(data) {
			grown := make([]byte, len(data), min(2*cap(data), most))
			copy(grown, data)
			data = grown
		}
		if err := in.c.conn.SetReadDeadline(in.deadline(len(data))); err != nil {
			return nil, false, errGone{err}
		}
		n, err := in.body.Read(data[len(data):min(cap(data), most)])
		data = data[:len(data)+n]
		if err == io.EOF {
			return data, true, nil
		}
		if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
			return nil, false, errFrameTooSlow
		}
		if errors.Is(err, errParting) {
			return nil, false, err
		}
		if err != nil {
			return nil, false, errGone{err}
		}
	}
	return data, false, nil
}

// deadline is until when the next byte may come, after so many.
func (in *frameReader) deadline(received int) time.Time {
	within := in.c.room.hub.cfg.FrameWithin
	idle := time.Now().Add(within)
	all := in.began.Add(within + time.Duration(received)*time.Second/leastRate)
	if all.Before(idle) {
		return all
	}
	return idle
}

// takeTurn waits for one of the room's turns and one of the hub's.
func (in *frameReader) takeTurn() error {
	asked := time.Now()
	for _, t := range []turns{in.c.room.large, in.c.room.hub.large} {
		if err := t.take(in.c.over); err != nil {
			return err
		}
		in.taken = append(in.taken, t)
	}
	in.began = in.began.Add(time.Since(asked))
	return nil
}

func (in *frameReader) giveBack() {
	for _, t := range in.taken {
		<-t
	}
}
