package live

import (
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"ret/shared/wire"
)

// maxAnswers bounds what a client may leave unread of the answers that it asked
// for itself.
const maxAnswers = 256

// client is one socket. The room's mutex guards all but conn, which one
// goroutine reads and one at most writes.
type client struct {
	room   *Room
	conn   *websocket.Conn // nil until the handshake is done
	ending atomic.Bool     // the farewell is said: nothing is sent any more
	over   chan struct{}   // closed when the socket has a farewell: its reader waits for nothing any more

	inFrame bool // the reader is within a frame, whose deadline is its own; only the reader knows

	view   wire.View
	joined bool  // has said hello
	cursor int64 // seq up to which deltas were handed to it

	answers  [][]byte                              // to hello and mutations, oldest first
	delta    *websocket.PreparedMessage            // at most one is under way
	progress map[string]*websocket.PreparedMessage // newest, by job
	pingDue  bool
	farewell *closing // to be sent after the answers, in place of all else
	writing  bool     // a goroutine writes
	parting  bool     // the room waits for the farewell to be told
	done     bool     // the farewell is out, or cannot be

	told chan struct{} // made by the reader to wait for the farewell; closed when it is told
	gone bool          // has left the room
}

// closing is how a socket ends.
type closing struct {
	code int
	text string
}

// message is what the writer sends next: one of its fields.
type message struct {
	answer   []byte
	delta    *websocket.PreparedMessage
	progress *websocket.PreparedMessage
	ping     bool
	farewell *closing
}

// next takes the next message; false means that there is none and the writer
// ends. The room's mutex is held.
func (c *client) next() (m message, ok bool) {
	switch {
	case c.gone:
	case len(c.answers) > 0:
		m.answer = c.answers[0]
		c.answers = c.answers[1:]
		return m, true
	case c.farewell != nil:
		if !c.ending.Swap(true) {
			m.farewell = c.farewell
			return m, true
		}
	case c.delta != nil:
		m.delta = c.delta
		return m, true
	case len(c.progress) > 0:
		for job, p := range c.progress {
			m.progress = p
			delete(c.progress, job)
			return m, true
		}
	case c.pingDue:
		c.pingDue = false
		m.ping = true
		return m, true
	}
	c.writing = false
	return m, false
}

// kick starts the writer if it does not run. The room's mutex is held, and the
// hub does not end while a client is in a room.
func (c *client) kick() {
	if c.mayWrite() {
		c.writing = true
		c.room.hub.running.Go(c.write)
	}
}

// mayWrite reports whether a writer may be started. The room's mutex is held.
func (c *client) mayWrite() bool { return !c.writing && !c.gone && c.conn != nil }

// end has the client closed with a code, once; the first one counts. The room's
// mutex is held.
func (c *client) end(code int, text string) {
	if c.farewell == nil {
		c.farewell = &closing{code, text}
		close(c.over)
		c.delta, c.progress = nil, nil
		c.kick()
	}
}

// answer queues a frame that the client has asked for. The room's mutex is held.
func (c *client) answer(frame []byte) {
	if len(c.answers) >= maxAnswers {
		c.room.hub.figures.slow.Add(1)
		c.answers = nil
		c.end(wire.CodeTooSlow, "too many answers left unread")
		return
	}
	c.answers = append(c.answers, frame)
	c.kick()
}

// ping asks the client for a sign of life.
func (c *client) ping() {
	c.room.mu.Lock()
	defer c.room.mu.Unlock()
	if c.farewell == nil {
		c.pingDue = true
		c.kick()
	}
}

// write sends until there is nothing left.
func (c *client) write() {
	m, ok := c.first()
	for ok {
		started := time.Now()
		err := c.send(m)
		m, ok = c.after(m, err, time.Since(started))
	}
}

func (c *client) first() (message, bool) {
	c.room.mu.Lock()
	defer c.room.mu.Unlock()
	return c.next()
}

// after notes how a message went out and takes the next.
func (c *client) after(m message, err error, took time.Duration) (message, bool) {
	c.room.mu.Lock()
	defer c.room.mu.Unlock()
	if err != nil {
		c.cut()
	} else {
		c.sent(m, took)
	}
	return c.next()
}

// cut gives the socket up, and lets its reader know. The room's mutex is held.
func (c *client) cut() {
	if c.farewell == nil {
		c.farewell = &closing{websocket.CloseAbnormalClosure, "lost"}
		close(c.over)
	}
	c.ending.Store(true)
	c.answers, c.delta, c.progress = nil, nil, nil
	if c.conn != nil {
		_ = c.conn.Close()
	}
	c.hasBeenTold()
}

// hasBeenTold notes that the farewell is out, or cannot be. The room's mutex is
// held.
func (c *client) hasBeenTold() {
	c.done = true
	c.room.out(c)
	if c.told != nil {
		close(c.told)
		c.told = nil
	}
}

func (c *client) send(m message) error {
	cfg := &c.room.hub.cfg
	if m.farewell != nil {
		farewell(c.conn, m.farewell.code, m.farewell.text, cfg.CloseWithin)
		return nil
	}
	if err := c.conn.SetWriteDeadline(time.Now().Add(cfg.GiveUpAfter)); err != nil {
		return err
	}
	switch {
	case m.answer != nil:
		return c.conn.WriteMessage(websocket.TextMessage, m.answer)
	case m.delta != nil:
		return c.conn.WritePreparedMessage(m.delta)
	case m.progress != nil:
		return c.conn.WritePreparedMessage(m.progress)
	}
	return c.conn.WriteMessage(websocket.PingMessage, nil)
}

// sent notes that a message went out and how long that took. The room's mutex is
// held.
func (c *client) sent(m message, took time.Duration) {
	f := &c.room.hub.figures
	switch {
	case m.delta != nil:
		f.deltas.Add(1)
		c.delta = nil
		if c.cursor < c.room.latest {
			c.room.wake()
		}
	case m.progress != nil:
		f.progress.Add(1)
	case m.farewell != nil:
		c.hasBeenTold()
	}
	if took > c.room.hub.cfg.SlowAfter && c.farewell == nil {
		f.slow.Add(1)
		c.end(wire.CodeTooSlow, "reading too slowly")
	}
}

// farewell sends a close frame and gives the other end a moment to answer it,
// which whoever reads the socket sees.
func farewell(conn *websocket.Conn, code int, text string, within time.Duration) {
	until := time.Now().Add(within)
	_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, text), until)
	_ = conn.SetReadDeadline(until)
}
