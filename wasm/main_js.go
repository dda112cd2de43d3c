// Command wasm is the worker's engine: it runs in the one worker of all tabs that
// has the origin's files, after JavaScript (worker.js) has opened them.
//
// JavaScript gives it the object retHost with the functions
//
//	tell(page, frame)  a frame for one page, or for all if page is ""
//	beat()             the engine is alive; every second
//	log(text)          for whoever looks into the console
//	drawn(id, status, html)  a page that was asked for; 0: ask the server
//	saved(id, name, type, problem, number)  a table that was asked for
//	answered(id, status, body)  a question about a table; 0: ask the server
//	offer()            all that was converted here is to be offered
//	settle(job)        the server has done a conversion too
//	giveUp(uploads)    a JSON list of ids: these are not to go up
//	rowBudget          how many bytes of tables' rows may be kept
//	key                of all that is kept, in hex; "" where nothing is
//
// and gets the object retEngine with
//
//	ask(text)          a page's question or change, see engine.Ask
//	online()           the network is back
//	draw(text)         someone asks for a page, see engine.Draw
//	save(text)         someone asks for a table, see engine.Download
//	read(text)         someone asks about a table, see engine.Read
//	offered(job, manifest, content, waiting)  see engine.Offered
//	gaveUp(upload)     a file does not go up
//
// In a worker of its own, with retHost.mode "convert", it converts one upload and
// ends: see convert_js.go.
//
// It exits with 0 when the session was erased, with 2 if the browser has no room
// for a replica, and with 1 for any other fault, after which it can be started
// again.
package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"syscall/js"
	"time"

	"ret/shared/fault"
	"ret/shared/replica"
	"ret/shared/seal"
	"ret/shared/wire"
	"ret/wasm/engine"
)

func main() {
	if host().Get("mode").String() == modeConvert {
		convertUpload(context.Background())
		return
	}
	err := run(context.Background())
	if errors.Is(err, engine.ErrPurged) {
		return
	}
	log("engine ended", err)
	if fault.Is(err, fault.NoSpace) {
		os.Exit(2)
	}
	os.Exit(1)
}

// run keeps the replica true until the session is erased.
func run(ctx context.Context) error {
	key, err := hostKey()
	if err != nil {
		return err
	}
	store, err := openStore(ctx, key)
	if err != nil {
		return err
	}
	defer func() { _ = store.replica.Close() }() // what was answered is on disk
	e := engine.New(engine.Config{
		Replica: store.replica, Dial: dial, Bytes: store.bytes,
		Tell: tell, Log: log, Backoff: backoff, Local: local,
		Pages: engine.Pages{Fetch: fetch, Drawn: drawn, Rows: replica.NewRows(store.replica, rowBudget()), Now: time.Now},
	})
	defer export(e, key)()
	go beat()
	return e.Run(ctx)
}

func tell(m engine.Message) { host().Call("tell", m.Page, string(m.Frame)) }

func drawn(d engine.Drawn) { host().Call("drawn", d.ID, d.Status, d.HTML) }

func answered(a engine.Answered) { host().Call("answered", a.ID, a.Status, string(a.Body)) }

// rowBudget is what JavaScript found this browser to have room for.
func rowBudget() int64 { return int64(host().Get("rowBudget").Float()) }

// hostKey is the key of what is kept in this browser, nil where nothing is.
func hostKey() (*seal.Key, error) {
	text := host().Get("key").String()
	if text == "" {
		return nil, nil
	}
	secret, err := hex.DecodeString(text)
	if err != nil || len(secret) != seal.KeySize {
		return nil, errors.New("the key was not understood")
	}
	return seal.KeyOf([seal.KeySize]byte(secret)), nil
}

func log(what string, err error) { host().Call("log", what+": "+err.Error()) }

func host() js.Value { return js.Global().Get("retHost") }

// beat shows that the engine is alive: a callback that waits for a promise stops
// Go without a word. It ends with the program.
func beat() {
	for {
		host().Call("beat")
		time.Sleep(time.Second)
	}
}

// export offers the engine to JavaScript, until the function that it returns is
// called.
func export(e *engine.Engine, key *seal.Key) (withdraw func()) {
	ask := js.FuncOf(func(_ js.Value, args []js.Value) any {
		var a engine.Ask
		if err := json.Unmarshal([]byte(args[0].String()), &a); err != nil {
			log("question not understood", err)
			return nil
		}
		e.Ask(a)
		return nil
	})
	online := js.FuncOf(func(js.Value, []js.Value) any {
		e.Online()
		return nil
	})
	draw := js.FuncOf(func(_ js.Value, args []js.Value) any {
		var d engine.Draw
		if err := json.Unmarshal([]byte(args[0].String()), &d); err != nil {
			log("page not understood", err)
			return nil
		}
		e.Draw(d)
		return nil
	})
	read := js.FuncOf(func(_ js.Value, args []js.Value) any {
		var r engine.Read
		if err := json.Unmarshal([]byte(args[0].String()), &r); err != nil {
			log("question not understood", err)
			return nil
		}
		e.Read(r, answered)
		return nil
	})
	functions := map[string]js.Func{"ask": ask, "online": online, "draw": draw, "read": read}
	maps.Copy(functions, exportLocal(e, key))
	object := make(map[string]any, len(functions))
	for name, f := range functions {
		object[name] = f
	}
	js.Global().Set("retEngine", object)
	return func() {
		js.Global().Delete("retEngine")
		for _, f := range functions {
			f.Release()
		}
	}
}

// How long a lost connection waits to be opened again: never long, since people
// wait for what they changed meanwhile, and one worker asks for all tabs.
const (
	firstWait = 500 * time.Millisecond
	mostWait  = 3 * time.Second
)

// backoff doubles with each failure, and spreads clients over the second half.
func backoff(failures int) time.Duration {
	most := min(mostWait, firstWait<<min(failures-1, 16))
	return most/2 + rand.N(most/2)
}

// subprotocol is what the server must speak.
const subprotocol = wire.Subprotocol
