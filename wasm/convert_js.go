package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"syscall/js"

	"ret/shared/convert"
	"ret/shared/fault"
	"ret/wasm/converter"
)

// modeConvert is retHost.mode in a worker that converts one upload.
const modeConvert = "convert"

// garbagePercent lets garbage grow further than usual before it is collected, on
// the only thread: this worker ends with its conversion.
const garbagePercent = 400

// convertUpload says everything by retHost: what the files are before it begins, since the
// upload can go up as soon as they are known; then progress; at the end totals or
// the sentence why there are none.
func convertUpload(ctx context.Context) {
	debug.SetGCPercent(garbagePercent)
	totals, err := runConversion(ctx)
	if err != nil {
		log("conversion failed", err)
		host().Call("failed", fault.Message(err))
		os.Exit(1)
	}
	say("done", totals)
}

func runConversion(ctx context.Context) (totals convert.Totals, err error) {
	var asked converter.Order // retHost.job
	if err := json.Unmarshal([]byte(host().Get("job").String()), &asked); err != nil {
		return totals, fmt.Errorf("read conversion: %w", err)
	}
	key, err := hostKey()
	if err != nil {
		return totals, err
	}
	page, err := converter.NewPage(key, func(p convert.Progress) { say("progress", p) })
	if err != nil {
		return totals, err
	}
	job := converter.Job{ID: asked.ID, Options: asked.Options, Limits: asked.Limits.Limits(), Host: page}
	var files []converter.DroppedFile
	for i, f := range asked.Files {
		file := converter.Dropped(int32(i), f.ID, f.Name)
		digest := f.SHA256
		if digest == "" {
			if digest, err = file.Digest(); err != nil {
				return totals, err
			}
		}
		kind, err := file.Kind()
		if err != nil {
			return totals, err
		}
		job.Files = append(job.Files, file)
		files = append(files, converter.DroppedFile{ID: f.ID, Name: f.Name, Size: file.Size, SHA256: digest, Kind: kind})
	}
	say("files", files)
	if !asked.Convert {
		return totals, nil
	}
	if totals, err = converter.Run(ctx, job); err != nil {
		return totals, err
	}
	return totals, page.Close()
}

// say calls a function of retHost with a value as JSON.
func say(function string, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		log("not said", err)
		return
	}
	host().Call(function, js.ValueOf(string(text)))
}
