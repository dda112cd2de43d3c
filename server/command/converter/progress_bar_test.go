package converter

import (
	"testing"
	"time"

	"ret/shared/convert"
)

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
