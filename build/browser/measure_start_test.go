//go:build measure

package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
)

const (
	coldStarts = 3
	warmStarts = 3 // of each profile
)

// From a navigation to a page that follows the replica: in a browser that has
// never seen RET, and in one that was closed and is opened again.
func TestMeasureBrowserStart(t *testing.T) {
	server := StartServer(t)
	who := signIn(t, server)
	var paints, cold, warm []float64
	for range coldStarts {
		profile := t.TempDir()
		paint, ready := who.start(t, profile)
		paints, cold = append(paints, paint), append(cold, ready)
		for range warmStarts {
			paint, ready := who.start(t, profile)
			paints, warm = append(paints, paint), append(warm, ready)
		}
	}
	milliseconds(t, "browser_first_paint", paints)
	milliseconds(t, "browser_start_cold", cold)
	milliseconds(t, "browser_start_warm", warm)
}

// start opens a browser on the workbench and closes it once all is kept there.
func (s *session) start(t *testing.T, profile string) (paint, ready float64) {
	t.Helper()
	browser := StartBrowserWith(t, profile)
	tab := s.newTab(t, browser, map[string]string{"replica": isReplica})
	tab.Do(chromedp.Navigate(s.server.URL + "/"))
	ready = tab.when("replica")
	paint = Eval[float64](tab, `performance.getEntriesByName("first-contentful-paint")[0].startTime`)
	tab.untilShell()
	browser.Close(t)
	return paint, ready
}
