package page

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The text of numbers, sizes and times. asset/js/page/format.js writes the same while
// a bar moves; testdata/format.json holds both to it.

// Count writes n with a comma between thousands: "41,202".
func Count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// Counted writes n and its noun: "1 file", "41,202 files".
func Counted(n int64, one, many string) string {
	return Count(n) + " " + noun(n, one, many)
}

// noun is the word for what was counted.
func noun(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Bytes writes a size in decimal units with at most three digits: "1.2 GB".
func Bytes(n int64) string {
	if n < 1000 {
		return Counted(n, "byte", "bytes")
	}
	size := float64(n)
	units := []string{"kB", "MB", "GB", "TB"}
	unit := -1
	for size >= 999.5 && unit < len(units)-1 {
		size /= 1000
		unit++
	}
	if size < 9.95 {
		return fmt.Sprintf("%.1f %s", size, units[unit])
	}
	return fmt.Sprintf("%.0f %s", size, units[unit])
}

// PartOf is a part of a size, whose unit is said once where it is the same.
func PartOf(n, all int64) string {
	part, unit, _ := strings.Cut(Bytes(n), " ")
	whole := Bytes(all)
	if n == 0 || strings.HasSuffix(whole, " "+unit) {
		return part + " of " + whole
	}
	return part + " " + unit + " of " + whole
}

// Duration writes d with its two largest units: "3 h 12 min", "2 min 5 s".
func Duration(d time.Duration) string {
	if d < time.Second {
		ms := float64(max(0, d)) / float64(time.Millisecond)
		if ms < 9.95 {
			return strings.TrimSuffix(fmt.Sprintf("%.1f", ms), ".0") + " ms"
		}
		return fmt.Sprintf("%.0f ms", ms)
	}
	s := int64(d / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return two(s/60, "min", s%60, "s")
	case s < 86400:
		return two(s/3600, "h", s%3600/60, "min")
	}
	return two(s/86400, "d", s%86400/3600, "h")
}

func two(a int64, unitA string, b int64, unitB string) string {
	if b == 0 {
		return fmt.Sprintf("%d %s", a, unitA)
	}
	return fmt.Sprintf("%d %s %d %s", a, unitA, b, unitB)
}

// Clock writes the time a session has left, without seconds until the last five
// minutes: a number that changes every second draws the eye.
func Clock(d time.Duration) string {
	if d > 5*time.Minute {
		d = d.Round(time.Minute)
	}
	return Duration(d.Truncate(time.Second))
}

// Rate writes units a second: "12/s", "0.4/s".
func Rate(perSecond float64) string {
	if perSecond < 9.95 {
		return strings.TrimSuffix(fmt.Sprintf("%.1f", perSecond), ".0") + "/s"
	}
	return Count(int64(perSecond+0.5)) + "/s"
}

// moment writes t for people: "22 Nov 2026, 14:03 UTC". The script turns it into
// the reader's own time zone.
func moment(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") }

// machineTime writes t for a datetime attribute.
func machineTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// cut shortens text to at most n characters and reports whether it did.
func cut(text string, n int) (string, bool) {
	if utf8.RuneCountInString(text) <= n {
		return text, false
	}
	for i := range text {
		if n == 0 {
			return text[:i], true
		}
		n--
	}
	return text, false
}
