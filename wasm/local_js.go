package main

import (
	"bufio"
	"encoding/json"
	"syscall/js"

	"ret/shared/seal"
	"ret/wasm/converter"
	"ret/wasm/engine"
)

// local is JavaScript's part in what this browser converts itself
// (conversions.js).
var local = engine.Local{
	Offer:  func() { host().Call("offer") },
	Settle: func(jobID string) { host().Call("settle", jobID) },
	GiveUp: func(files []string) { say("giveUp", files) },
}

// exportLocal makes what JavaScript calls about it.
func exportLocal(e *engine.Engine, key *seal.Key) map[string]js.Func {
	return map[string]js.Func{
		"offered": js.FuncOf(func(_ js.Value, args []js.Value) any {
			e.Offered(engine.Kept{
				JobID: args[0].String(), Manifest: []byte(args[1].String()),
				Content: converter.Content(int32(args[2].Int()), key), Waiting: args[3].Bool(),
			})
			return nil
		}),
		"gaveUp": js.FuncOf(func(_ js.Value, args []js.Value) any {
			e.GaveUp(args[0].String())
			return nil
		}),
		"save": js.FuncOf(func(_ js.Value, args []js.Value) any {
			save(e, args[0].String())
			return nil
		}),
	}
}

// saves counts the tables that were written to be saved.
var saves int32

// save has a table written into JavaScript's memory.
func save(e *engine.Engine, question string) {
	var d engine.Download
	if err := json.Unmarshal([]byte(question), &d); err != nil {
		log("download not understood", err)
		return
	}
	saves++
	number := saves
	out := bufio.NewWriterSize(converter.Saving(number), 1<<20)
	e.Download(d, out, func(s engine.Saved) {
		if err := out.Flush(); err != nil && s.Problem == "" {
			s.Problem = "The browser did not take the table. Please try again."
		}
		host().Call("saved", s.ID, s.Name, s.ContentType, s.Problem, number)
	})
}
