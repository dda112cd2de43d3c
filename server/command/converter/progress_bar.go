package converter

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"ret/server/command"
	"ret/shared/convert"
)

// progressBar draws how far a conversion is on one line of a terminal. Not for
// concurrent use.
type progressBar struct {
	w       io.Writer
	columns int
	started time.Time
	drawn   time.Time
	shown   bool
}

func newProgressBar(w io.Writer, columns int) *progressBar {
	return &progressBar{w: w, columns: columns, started: time.Now()}
}

const (
	barInterval = 50 * time.Millisecond
	barCells    = 24
)

// show draws the bar, unless it did so a moment ago.
func (b *progressBar) show(p convert.Progress) {
	now := time.Now()
	if now.Sub(b.drawn) < barInterval {
		return
	}
	b.drawn, b.shown = now, true
	fmt.Fprintf(b.w, "\r\x1b[K%s", barLine(p, now.Sub(b.started), b.columns-1))
}

// clear leaves an empty line for something else.
func (b *progressBar) clear() {
	if b.shown {
		fmt.Fprint(b.w, "\r\x1b[K")
		b.shown, b.drawn = false, time.Time{}
	}
}

// barLine is the bar as text, at most columns wide. It fills by bytes, because
// one large file may be all there is.
func barLine(p convert.Progress, elapsed time.Duration, columns int) string {
	fraction := 0.0
	switch {
	case p.TotalBytes > 0:
		fraction = float64(p.Bytes) / float64(p.TotalBytes)
	case p.Total > 0:
		fraction = float64(p.Done) / float64(p.Total)
	}
	filled := int(fraction * barCells)
	line := fmt.Sprintf("[%s%s] %3d%%  %s/%s", strings.Repeat("#", filled), strings.Repeat("-", barCells-filled),
		int(100*fraction), command.Grouped(int64(p.Done)), command.Count(int64(p.Total), "file"))
	if seconds := elapsed.Seconds(); seconds > 1 {
		line += fmt.Sprintf("  %.0f MB/s", float64(p.Bytes)/2/1e6/seconds) // each byte is read twice
	}
	return cutTo(line+"  "+p.Path, columns)
}

func cutTo(s string, columns int) string {
	if utf8.RuneCountInString(s) <= columns {
		return s
	}
	return string([]rune(s)[:max(0, columns-1)]) + "…"
}
