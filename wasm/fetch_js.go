package main

import "syscall/js"

// fetch asks the server for a path, as the session that the browser's cookies
// name. The browser calls back on its own thread of events, where nothing may
// wait: then only queues. Once this program has ended it is not called any more.
func fetch(question, path string, then func(status int, body []byte)) {
	var answered js.Func
	answered = js.FuncOf(func(_ js.Value, args []js.Value) any {
		answered.Release()
		then(args[0].Int(), []byte(args[1].String()))
		return nil
	})
	host().Call("fetch", question, path, answered)
}
