package main

import (
	"strings"
	"syscall/js"

	"ret/wasm/engine"
)

// dial opens the live channel. The browser calls back on its own thread of
// events, where nothing may wait: the listener only queues.
func dial(l engine.Listener) engine.Socket {
	address := strings.Replace(js.Global().Get("location").Get("origin").String(), "http", "ws", 1) + "/api/v1/live"
	s := &socket{ws: js.Global().Get("WebSocket").New(address, subprotocol)}
	s.on("open", func(js.Value) { l.Opened() })
	s.on("message", func(event js.Value) { l.Received([]byte(event.Get("data").String())) })
	s.on("close", func(event js.Value) {
		s.release()
		l.Closed(event.Get("code").Int(), event.Get("reason").String())
	})
	return s
}

// socket is a WebSocket of the browser.
type socket struct {
	ws       js.Value
	handlers []js.Func
}

// on calls fn for the socket's events of one kind.
func (s *socket) on(kind string, fn func(event js.Value)) {
	handler := js.FuncOf(func(_ js.Value, args []js.Value) any {
		fn(args[0])
		return nil
	})
	s.handlers = append(s.handlers, handler)
	s.ws.Set("on"+kind, handler)
}

func (s *socket) release() {
	for _, kind := range []string{"open", "message", "close"} {
		s.ws.Set("on"+kind, nil)
	}
	for _, handler := range s.handlers {
		handler.Release()
	}
	s.handlers = nil
}

// Send sends a frame. On a socket that is closing the browser drops it.
func (s *socket) Send(text []byte) { s.ws.Call("send", string(text)) }

// Close ends the socket; its listener hears no more of it.
func (s *socket) Close() {
	s.release()
	s.ws.Call("close")
}
