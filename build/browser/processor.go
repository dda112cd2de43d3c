package browser

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
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
	for _, p := range browserProcesses(t, profile) {
		seconds += p.seconds
	}
	return seconds
}

// killBrowser ends the browser of a profile at once, as a power cut or the system does.
func killBrowser(t *testing.T, profile string) {
	t.Helper()
	found := browserProcesses(t, profile)
	if len(found) == 0 {
		t.Fatal("there is no browser to kill")
	}
	for pid := range found {
		// One that has ended meanwhile needs no killing.
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			t.Fatal(err)
		}
	}
}

// browserProcesses are those of the browser of a profile, by their ids.
func browserProcesses(t *testing.T, profile string) map[int]process {
	t.Helper()
	all := processes(t, profile)
	found := map[int]process{}
	for pid, p := range all {
		for up := pid; up != 0; up = all[up].parent {
			if all[up].first {
				found[pid] = p
				break
			}
		}
	}
	return found
}

// processes are all of this machine; first are those that were started with a profile.
func processes(t *testing.T, profile string) map[int]process {
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
		command, err := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		if err != nil {
			continue
		}
		pid, p, err := parseStat(string(text))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		p.first = strings.Contains(string(command), "--user-data-dir="+profile)
		all[pid] = p
	}
	return all
}

// parseStat reads what stands in /proc/[pid]/stat (proc_pid_stat(5)). The command's name
// may hold anything but ends with the last parenthesis.
func parseStat(text string) (pid int, p process, err error) {
	end := strings.LastIndexByte(text, ')')
	if _, err := fmt.Sscanf(text, "%d", &pid); err != nil || end < 0 {
		return 0, p, fmt.Errorf("no process: %q", text)
	}
	var state string
	var user, system float64
	var skipped int64
	_, err = fmt.Sscan(text[end+1:], &state, &p.parent, &skipped, &skipped, &skipped, &skipped, &skipped, &skipped, &skipped, &skipped, &skipped, &user, &system)
	p.seconds = (user + system) / clockTicks
	return pid, p, err
}
