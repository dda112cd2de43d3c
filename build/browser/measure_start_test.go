//go:build measure

package browser

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

const (
	coldStarts = 3
	warmStarts = 3 // of each profile

	workJobs  = 40
	workPause = 100 * time.Millisecond
)

// From a navigation to a page that follows the replica: in a browser that has
// never seen RET, in one that was closed and is opened again, and in one in which
// somebody has worked in between, so that it has compiled the module as well as it
// can.
func TestMeasureBrowserStart(t *testing.T) {
	server := StartServer(t)
	who := signIn(t, server)
	var paints, cold, warm, used []float64
	start := func(profile string, times *[]float64, meanwhile func(*Tab)) {
		paint, ready := who.start(t, profile, meanwhile)
		paints, *times = append(paints, paint), append(*times, ready)
	}
	nothing := func(*Tab) {}
	for range coldStarts {
		profile := t.TempDir()
		start(profile, &cold, nothing)
		for range warmStarts {
			start(profile, &warm, nothing)
		}
		start(profile, &warm, func(tab *Tab) { who.work(t, tab) })
		for range warmStarts {
			start(profile, &used, nothing)
		}
	}
	milliseconds(t, "browser_first_paint", paints)
	milliseconds(t, "browser_start_cold", cold)
	milliseconds(t, "browser_start_warm", warm)
	milliseconds(t, "browser_start_after_work", used)
}

// work has jobs run that the tab follows, and the browser store what it has compiled
// meanwhile, which it does after a while without news and does not tell.
func (s *session) work(t *testing.T, tab *Tab) {
	t.Helper()
	s.uploadInTurn(t, workJobs, workPause)
	untilIdle(tab)
	<-time.After(3 * time.Second)
}

// start opens a browser on the workbench and closes it once all is kept there and
// something was done meanwhile.
func (s *session) start(t *testing.T, profile string, meanwhile func(*Tab)) (paint, ready float64) {
	t.Helper()
	browser := StartOptimisingBrowser(t, profile)
	tab := s.newTab(t, browser, map[string]string{"replica": isReplica})
	tab.Do(chromedp.Navigate(s.server.URL + "/"))
	ready = tab.when("replica")
	paint = Eval[float64](tab, `performance.getEntriesByName("first-contentful-paint")[0].startTime`)
	tab.untilShell()
	meanwhile(tab)
	browser.Close(t)
	return paint, ready
}
