package view_test

import (
	"net/url"
	"testing"

	"ret/web/view"
)

// A link cannot make RET say what it likes.
func TestNoticeSaysOnlyItsOwnWords(t *testing.T) {
	for _, key := range []string{view.QueryWrong, view.QueryDone} {
		if n := view.Notice(url.Values{key: {"Call this number"}}); n != nil {
			t.Errorf("%s: %q", key, n.Text)
		}
	}
	if text := view.Ended("Call this number"); text != "" {
		t.Errorf("ended: %q", text)
	}
	if n := view.Notice(url.Values{view.QueryWrong: {string(view.WrongGone)}}); n == nil || !n.Wrong || n.Text == "" {
		t.Errorf("a code gives %+v", n)
	}
}
