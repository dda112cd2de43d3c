package xmltable

import (
	"testing"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
)

// Each label means what it means on the web, and none that IANA knows is repeated.
func TestWebLabels(t *testing.T) {
	if len(byWebLabel) < 80 {
		t.Fatalf("%d labels", len(byWebLabel))
	}
	for label := range byWebLabel {
		want, err := htmlindex.Get(label)
		if err != nil {
			t.Errorf("%s is no label of the web", label)
			continue
		}
		if got := encodingOf(label); got != want {
			t.Errorf("%s is %v, want %v", label, got, want)
		}
		if e, err := ianaindex.IANA.Encoding(label); err == nil && e != nil {
			t.Errorf("%s has a name at IANA", label)
		}
	}
	for label := range webEncodings {
		if want, err := htmlindex.Get(label); err != nil || encodingOf(label) != want {
			t.Errorf("%s is %v, want %v, %v", label, encodingOf(label), want, err)
		}
	}
}
