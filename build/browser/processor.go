package browser

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// clockTicks is what /proc counts processor time in, a second.
const clockTicks = 100

// process is what /proc says of one.
type process struct {
	parent  int
	seconds float64 // of a processor, taken
	first   bool    // it was started with the profile
}

// browserSeconds is the processor time that the browser of a profile has taken, with all
// the processes that came from it and have not ended.
func browserSeconds(t *testing.T, profile string) (seconds float64) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	all := map[int]process{}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		var p process
		p.parent, _ = strconv.Atoi(fields[1])
		user, _ := strconv.ParseFloat(fields[11], 64)
		system, _ := strconv.ParseFloat(fields[12], 64)
		p.seconds = (user + system) / clockTicks
		command, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		p.first = strings.Contains(string(command), "--user-data-dir="+profile)
		all[pid] = p
	}
	for pid, p := range all {
		for up := pid; up != 0; up = all[up].parent {
			if all[up].first {
				seconds += p.seconds
				break
			}
		}
	}
	return seconds
}
