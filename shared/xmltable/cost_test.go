//go:build !race && !js

package xmltable

import (
	"strings"
	"testing"
	"time"
)

// What hostile input costs, promised without the race detector and outside of the
// browser: `make costs` runs these.

// Hostile documents cost what they weigh.
func TestHostileRepairs(t *testing.T) {
	const n = 16 << 20
	for name, document := range map[string]string{
		"ampersands":        "<a>" + strings.Repeat("<b>"+strings.Repeat("&", 1<<20)+"</b>", n>>20),
		"names":             "<a>" + strings.Repeat("&a", n/2),
		"roots":             strings.Repeat("<a/>", n/4),
		"forbidden":         "<a>" + strings.Repeat("\x01x", n/2),
		"doctypes":          "<a/>" + strings.Repeat("<!DOCTYPE a [", n/13),
		"brackets":          "<!DOCTYPE a [ " + strings.Repeat("] ", n/2),
		"open DOCTYPE":      "<!DOCTYPE a [<!ENTITY x '" + strings.Repeat("x", n),
		"open comment":      "<a>" + strings.Repeat("<!-- x", n/6),
		"open tag":          "<a b='" + strings.Repeat("x", n),
		"open CDATA":        "<a>" + strings.Repeat("<![CDATA[x]]", n/12),
		"texts":             "<a/>" + strings.Repeat("x<!---->", n/8),
		"many declarations": "<a>" + strings.Repeat("<?xml ", n/6),
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			_, _ = Scan(t.Context(), text("x.xml", document), Options{Repair: true})
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}
