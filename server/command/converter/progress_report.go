package converter

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"

	"ret/server/command"
	"ret/shared/convert"
)

// report tells a person, or with --json a program, how a conversion goes. Its
// methods may be called concurrently.
type report struct {
	std      command.Stdio
	json     bool
	failures int
	warnings int

	mu   sync.Mutex
	bar  *progressBar // nil where nobody watches
	last time.Time    // of the last progress line in JSON
}

func newReport(std command.Stdio, asJSON bool) *report {
	r := &report{std: std, json: asJSON}
	if columns := terminalColumns(std.Err); columns > 0 && !asJSON {
		r.bar = newProgressBar(std.Err, columns)
	}
	return r
}

// terminalColumns is the width of the terminal that w is, or 0.
func terminalColumns(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
		return columns
	}
	return 80
}

const jsonInterval = 100 * time.Millisecond

func (r *report) progress(p convert.Progress) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.json:
		if now := time.Now(); now.Sub(r.last) >= jsonInterval || p.Done == p.Total {
			r.last = now
			r.line(progressLine{"progress", p.Done, p.Total, "files", p.Path, p.Bytes, p.TotalBytes})
		}
	case r.bar != nil:
		r.bar.show(p)
	}
}

// progressLine and resultLine are what --json prints.
type progressLine struct {
	Type       string `json:"type"`
	Done       int    `json:"done"`
	Total      int    `json:"total"`
	Unit       string `json:"unit"`
	Message    string `json:"message"`
	Bytes      int64  `json:"bytes"`
	TotalBytes int64  `json:"total_bytes"`
}

type resultLine struct {
	Type     string         `json:"type"`
	Out      string         `json:"out"`
	Manifest string         `json:"manifest"`
	Totals   convert.Totals `json:"totals"`
}

func (r *report) line(v any) error { return json.NewEncoder(r.std.Out).Encode(v) }

// files names those that failed, also in part.
func (r *report) files(files []convert.File) {
	for _, f := range files {
		r.warnings += len(f.Warnings)
		if f.Error != nil {
			r.fail(f.Path, f.Error)
		}
	}
}

// fail prints "path:line:column: reason", or "path: reason" where there is no
// place.
func (r *report) fail(path string, err *convert.Error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures++
	if r.bar != nil {
		r.bar.clear()
	}
	if err.Line > 0 {
		path = fmt.Sprintf("%s:%d:%d", path, err.Line, err.Column)
	}
	fmt.Fprintf(r.std.Err, "%s: %s\n", path, command.OneLine(err.Message))
}

// end takes the bar away.
func (r *report) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.bar != nil {
		r.bar.clear()
		r.bar = nil
	}
}

func (r *report) result(t convert.Totals, out string) error {
	if r.json {
		return r.line(resultLine{"result", out, "manifest.json", t})
	}
	_, err := fmt.Fprintf(r.std.Out, "%s: %s converted, %s failed, %s skipped; %s in %s\n",
		command.Count(int64(t.Files), "file"), command.Grouped(int64(t.Converted)), command.Grouped(int64(t.Failed)), command.Grouped(int64(t.Skipped)),
		command.Count(t.Rows, "row"), out)
	if err == nil && r.warnings > 0 {
		_, err = fmt.Fprintf(r.std.Out, "%s in %s/manifest.json\n", command.Count(int64(r.warnings), "warning"), out)
	}
	return err
}
