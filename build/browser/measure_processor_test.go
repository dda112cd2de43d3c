//go:build measure

package browser

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

const firstVisits = 2

// What a first visit costs: until the copy is followed, until all is quiet, and once the
// server has gone, for which a worker makes itself ready.
func TestMeasureFirstVisit(t *testing.T) {
	server := StartServer(t)
	who := signIn(t, server)
	var ready, quiet, away []float64
	for range firstVisits {
		profile := t.TempDir()
		browser := StartOptimisingBrowser(t, profile)
		before := browserSeconds(t, profile)
		tab := who.newTab(t, browser, map[string]string{"replica": isReplica})
		tab.Do(chromedp.Navigate(server.URL + "/"))
		tab.when("replica")
		ready = append(ready, browserSeconds(t, profile)-before)
		tab.untilShell()
		<-time.After(5 * time.Second)
		quiet = append(quiet, browserSeconds(t, profile)-before)
		server.Stop(t, syscall.SIGKILL)
		tab.Until(connection + `.startsWith("offline since")`)
		<-time.After(10 * time.Second)
		away = append(away, browserSeconds(t, profile)-before)
		browser.ForgiveOffline()
		browser.Close(t)
		server.Restart(t)
	}
	fmt.Printf("processor seconds: ready %.1f, quiet %.1f, away %.1f\n", ready, quiet, away)
}
