//go:build measure

package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// clockTicks is what /proc counts processor time in, a second.
const clockTicks = 100

const firstVisits = 2

// browserSeconds is the processor time that this test's browsers have taken: all
// processes that come from it but the server.
func browserSeconds(t *testing.T) (seconds float64) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	parent, ticks := map[int]int{}, map[int]float64{}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), "(chrom") {
			continue // it has ended, or is none
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		parent[pid], _ = strconv.Atoi(fields[1])
		user, _ := strconv.ParseFloat(fields[11], 64)
		system, _ := strconv.ParseFloat(fields[12], 64)
		ticks[pid] = user + system
	}
	for pid := range ticks {
		for up := pid; up != 0; up = parent[up] {
			if parent[up] == os.Getpid() {
				seconds += ticks[pid] / clockTicks
			}
		}
	}
	return seconds
}

// What a first visit costs: until the copy is followed, until all is quiet, and once the
// server has gone, for which a worker makes itself ready.
func TestMeasureFirstVisit(t *testing.T) {
	server := StartServer(t)
	who := signIn(t, server)
	var ready, quiet, away []float64
	for range firstVisits {
		browser := StartOptimisingBrowser(t, t.TempDir())
		before := browserSeconds(t)
		tab := who.newTab(t, browser, map[string]string{"replica": isReplica})
		tab.Do(chromedp.Navigate(server.URL + "/"))
		tab.when("replica")
		ready = append(ready, browserSeconds(t)-before)
		tab.untilShell()
		<-time.After(5 * time.Second)
		quiet = append(quiet, browserSeconds(t)-before)
		server.Stop(t, syscall.SIGKILL)
		tab.Until(connection + `.startsWith("offline since")`)
		<-time.After(10 * time.Second)
		away = append(away, browserSeconds(t)-before)
		forgiveOffline(browser)
		browser.Close(t)
		server.Restart(t)
	}
	fmt.Printf("processor seconds: ready %.1f, quiet %.1f, away %.1f\n", ready, quiet, away)
}
