package main

import (
	"strings"
	"testing"
	"time"

	"ret/shared/convert"
)

func TestHelpExplainsEveryCommand(t *testing.T) {
	_, overview, _ := ret(t, "help")
	for _, c := range commands() {
		if !strings.Contains(overview, c.name) {
			t.Errorf("the overview lacks %s", c.name)
		}
		for _, args := range [][]string{{"help", c.name}, {c.name, "--help"}} {
			code, out, _ := ret(t, args...)
			if code != exitOK || !strings.Contains(out, "Usage: ret "+c.usage) {
				t.Errorf("%q: code %d, printed %q", args, code, out)
			}
		}
	}
}

func TestVersionNamesItsParts(t *testing.T) {
	code, out, _ := ret(t, "version")
	for _, part := range []string{"ret ", "commit ", "go1.", "SQLite 3."} {
		if code != exitOK || !strings.Contains(out, part) {
			t.Errorf("code %d, printed %q without %q", code, out, part)
		}
	}
}

func TestProgressBarFillsByBytes(t *testing.T) {
	p := convert.Progress{Done: 1234, Total: 10_000, Path: "sub/x.xml", Bytes: 50e6, TotalBytes: 100e6}
	want := "[############------------]  50%  1,234/10,000 files  10 MB/s  sub/x.xml"
	if got := barLine(p, 2500*time.Millisecond, 100); got != want {
		t.Errorf("the bar is %q", got)
	}
	if got := barLine(p, 0, 20); len([]rune(got)) != 20 {
		t.Errorf("cut to 20 columns the bar is %q", got)
	}
}
