package system

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// frame is any frame that a server sends.
type frame struct {
	Type    string
	Epoch   string
	Cursor  int64
	From    int64
	To      int64
	Changes []change
	Reason  string
}

type change struct {
	Seq    int64
	Entity string
	ID     string
	Op     string
	Value  json.RawMessage
}

// socket is an open live channel.
type socket struct {
	t    testing.TB
	conn *websocket.Conn
}

// dial opens the live channel with the client's cookies.
func (c *client) dial(headers ...string) (*websocket.Conn, *http.Response, error) {
	req := c.request("GET", "/", nil, headers...)
	for _, cookie := range c.cookies() {
		req.AddCookie(cookie)
	}
	dialer := websocket.Dialer{Subprotocols: []string{"ret.v1"}, HandshakeTimeout: 10 * time.Second}
	return dialer.DialContext(c.t.Context(), strings.Replace(c.server.URL, "http", "ws", 1)+"/api/v1/live", req.Header)
}

// live opens the live channel, which knows everything up to a cursor.
func (c *client) live(epoch string, cursor int64) *socket {
	c.t.Helper()
	conn, _, err := c.dial()
	if err != nil {
		c.t.Fatal(err)
	}
	s := &socket{c.t, conn}
	c.t.Cleanup(s.close)
	s.send(map[string]any{"type": "hello", "client": "test", "epoch": epoch, "cursor": cursor, "view": "data"})
	return s
}

func (s *socket) close() { _ = s.conn.Close() }

func (s *socket) send(v any) {
	s.t.Helper()
	if err := s.conn.WriteJSON(v); err != nil {
		s.t.Fatal(err)
	}
}

// next reads a frame; a test that waits for one that never comes fails.
func (s *socket) next() (frame, error) {
	var f frame
	if err := s.conn.SetReadDeadline(time.Now().Add(60 * time.Second)); err != nil {
		return f, err
	}
	err := s.conn.ReadJSON(&f)
	return f, err
}

// jobUntil follows a job until it is as wanted.
func (c *client) jobUntil(id string, holds func(job) bool) job {
	c.t.Helper()
	s := c.live("", 0)
	defer s.close()
	for {
		f, err := s.next()
		if err != nil {
			c.t.Fatalf("waiting for job: %v", err)
		}
		for _, ch := range f.Changes {
			var j job
			if ch.Entity != "job" || ch.ID != id || ch.Op != "put" {
				continue
			}
			if err := json.Unmarshal(ch.Value, &j); err != nil {
				c.t.Fatal(err)
			}
			if holds(j) {
				return c.job(id)
			}
			if j.State == "succeeded" { // which is its end
				c.t.Fatalf("nothing was heard of that before the job ended: %+v", j)
			}
		}
	}
}

// Who comes with the cookies of a session that is over is told why it is.
func TestLateComersAreToldHowTheSessionEnded(t *testing.T) {
	t.Parallel()
	server := start(t)
	for reason, end := range map[string]func(c *client) *answer{
		"logout": func(c *client) *answer { return c.do("POST", "/api/v1/logout", nil) },
		"revoked": func(c *client) *answer {
			session := c.do("GET", "/api/v1/session", nil).object(t)["session"].(map[string]any)
			return admin(t, server).do("DELETE", "/api/v1/admin/sessions/"+session["id"].(string), nil)
		},
	} {
		c := admin(t, server)
		var cookies []string
		for _, cookie := range c.cookies() {
			cookies = append(cookies, cookie.String())
		}
		if status := end(c).StatusCode; status != http.StatusOK {
			t.Fatalf("%s answers %d", reason, status)
		}
		conn, _, err := newClient(t, server).dial("Cookie", strings.Join(cookies, "; "))
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = conn.ReadMessage()
		if !websocket.IsCloseError(err, 4004) || !strings.HasSuffix(err.Error(), reason) {
			t.Errorf("an end by %s is told as %v", reason, err)
		}
		_ = conn.Close()
	}
}
