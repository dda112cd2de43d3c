package main

import "syscall/js"

// fetch asks the server for a path, as the session that the browser's cookies
// name. The browser calls back on its own thread of events, where nothing may
// wait: then only queues.
func fetch(path string, then func(status int, body []byte)) {
	a := &answer{then: then}
	a.arrived = js.FuncOf(func(_ js.Value, args []js.Value) any {
		a.status = args[0].Get("status").Int()
		return args[0].Call("text")
	})
	a.read = js.FuncOf(func(_ js.Value, args []js.Value) any {
		a.end(a.status, []byte(args[0].String()))
		return nil
	})
	a.failed = js.FuncOf(func(js.Value, []js.Value) any {
		a.end(0, nil)
		return nil
	})
	js.Global().Call("fetch", path).Call("then", a.arrived).Call("then", a.read, a.failed)
}

// answer is a request that is under way.
type answer struct {
	then                  func(status int, body []byte)
	status                int
	arrived, read, failed js.Func
}

// end tells what came, and gives the callbacks back.
func (a *answer) end(status int, body []byte) {
	for _, callback := range []js.Func{a.arrived, a.read, a.failed} {
		callback.Release()
	}
	a.then(status, body)
}
