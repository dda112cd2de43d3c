package live

import (
	"bufio"
	"cmp"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/gorilla/websocket"

	"ret/shared/fault"
	"ret/shared/wire"
)

// newUpgrader keeps sockets small: they borrow a buffer while they write, and
// compress nothing, since a compressor has more memory than all the rest.
func newUpgrader() websocket.Upgrader {
	return websocket.Upgrader{
		ReadBufferSize:  512,
		WriteBufferSize: 4 << 10,
		WriteBufferPool: &sync.Pool{},
		Subprotocols:    []string{wire.Subprotocol},
		CheckOrigin:     func(*http.Request) bool { return true }, // admit has done so
		Error:           func(http.ResponseWriter, *http.Request, int, error) {},
	}
}

// Serve takes a signed-in request for a socket into the room. It returns once
// the socket is open, which then belongs to the hub; the caller keeps the
// workspace open until then. Where the room has Config.MaxSockets already, the
// socket is closed with 1013. An error means that nothing was answered yet:
// Denied for a page of another origin, Invalid for what is no request for a
// socket, Unavailable while the server stops.
func (r *Room) Serve(w http.ResponseWriter, req *http.Request) error {
	if err := r.hub.admit(req); err != nil {
		return err
	}
	c := &client{room: r, over: make(chan struct{})}
	err := r.enter(c)
	if errors.Is(err, errTooCrowded) {
		return r.hub.sayNo(w, req, websocket.CloseTryAgainLater, fault.Message(err))
	}
	if err != nil {
		return err
	}
	conn, err := r.hub.upgrade(w, req)
	if err != nil {
		r.leave(c)
		return err
	}
	if !r.begin(c, conn) {
		_ = conn.Close()
		r.leave(c)
	}
	return nil
}

// Refuse tells a client that is not signed in so, and why its session is no more ("" if
// that is not known): a page can read the code and the text of a socket that closes, but
// not the status of one that did not open.
func (h *Hub) Refuse(w http.ResponseWriter, req *http.Request, reason string) error {
	if err := h.admit(req); err != nil {
		return err
	}
	return h.sayNo(w, req, wire.CodeNotSignedIn, cmp.Or(reason, "not signed in"))
}

// sayNo opens a socket to close it with a code, which a page can read.
func (h *Hub) sayNo(w http.ResponseWriter, req *http.Request, code int, text string) error {
	conn, err := h.upgrade(w, req)
	if err != nil {
		return err
	}
	farewell(conn, code, text, h.cfg.CloseWithin)
	return conn.Close()
}

// admit checks what the handshake does not.
func (h *Hub) admit(req *http.Request) error {
	if !websocket.IsWebSocketUpgrade(req) {
		return fault.New(fault.Invalid, "This address takes WebSockets only.")
	}
	if !h.sameOrigin(req) {
		return fault.New(fault.Denied, "A page of another site may not open this socket.")
	}
	for _, offered := range websocket.Subprotocols(req) {
		if offered == wire.Subprotocol {
			return nil
		}
	}
	return fault.New(fault.Invalid, "The socket must offer the subprotocol %s.", wire.Subprotocol)
}

// sameOrigin lets in pages of this server, and programs, which send no origin
// and whose cookies no page can borrow.
func (h *Hub) sameOrigin(req *http.Request) bool {
	origin := req.Header.Get("Origin")
	if origin == "" {
		return true
	}
	if h.cfg.Origin != "" {
		return strings.EqualFold(origin, strings.TrimSuffix(h.cfg.Origin, "/"))
	}
	u, err := url.Parse(origin)
	return err == nil && strings.EqualFold(u.Host, req.Host)
}

func (h *Hub) upgrade(w http.ResponseWriter, req *http.Request) (*websocket.Conn, error) {
	conn, err := h.upgrader.Upgrade(hijacker{w}, req, nil)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "This is no proper request for a WebSocket.")
	}
	return conn, nil
}

// hijacker finds the connection beneath wrapped writers.
type hijacker struct{ http.ResponseWriter }

func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(h.ResponseWriter).Hijack()
}
