//go:build !race && !js

package xmltable

import (
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// What hostile input costs, promised without the race detector and outside of the
// browser: `make costs` runs these.

// Hostile documents cost what they weigh. With RET_SOAK they are of a gigabyte, and go
// through both passes.
func TestHostileRepairs(t *testing.T) {
	n, most, soak := 16<<20, 10*time.Second, os.Getenv("RET_SOAK") != ""
	if soak {
		n, most = 1<<30, 10*time.Minute
	}
	for name, document := range map[string]func() string{ // one after the other, a gigabyte each
		"ampersands":        func() string { return "<a>" + strings.Repeat("<b>"+strings.Repeat("&", 1<<20)+"</b>", n>>20) },
		"names":             func() string { return "<a>" + strings.Repeat("&a", n/2) },
		"roots":             func() string { return strings.Repeat("<a/>", n/4) },
		"forbidden":         func() string { return "<a>" + strings.Repeat("\x01x", n/2) },
		"doctypes":          func() string { return "<a/>" + strings.Repeat("<!DOCTYPE a [", n/13) },
		"brackets":          func() string { return "<!DOCTYPE a [ " + strings.Repeat("] ", n/2) },
		"open DOCTYPE":      func() string { return "<!DOCTYPE a [<!ENTITY x '" + strings.Repeat("x", n) },
		"open comment":      func() string { return "<a>" + strings.Repeat("<!-- x", n/6) },
		"open tag":          func() string { return "<a b='" + strings.Repeat("x", n) },
		"open CDATA":        func() string { return "<a>" + strings.Repeat("<![CDATA[x]]", n/12) },
		"texts":             func() string { return "<a/>" + strings.Repeat("x<!---->", n/8) },
		"many declarations": func() string { return "<a>" + strings.Repeat("<?xml ", n/6) },
	} {
		t.Run(name, func(t *testing.T) {
			written := document()
			began := time.Now()
			in, opt := text("x.xml", written), Options{Repair: true}
			shape, err := Scan(t.Context(), in, opt)
			if err == nil && soak {
				var plan *Plan
				if plan, err = Choose(t.Context(), shape, opt); err == nil {
					_, err = plan.Write(t.Context(), in, newDiscarded(plan))
				}
			}
			if err != nil {
				t.Log(err) // it went over a limit
			}
			if took := time.Since(began); took > most {
				t.Errorf("took %v", took)
			}
		})
	}
}

// newDiscarded is a Sink that writes CSV to nowhere.
func newDiscarded(p *Plan) Writers[*CSV] {
	var w Writers[*CSV]
	for _, t := range p.Tables {
		w = append(w, NewCSV(io.Discard, t.Columns, CSVOptions{}))
	}
	return w
}
