package browser

import (
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"ret/build/browser/headless"
)

// What a visit may cost a processor until all is quiet, of what it costs where the
// browser leaves the module's code as it first compiles it. The rest is the optimising
// compiler's, which takes seconds for a single function of SQLite that is not written for it.
const mostForOptimising = 2.5

// A first visit does not keep a laptop's fan busy. Where two processors are halves of one,
// what runs beside a visit makes it dearer, so the cheaper of two counts.
func TestAFirstVisitIsCheap(t *testing.T) {
	t.Parallel()
	for tries := 1; ; tries++ {
		optimised := visitSeconds(t)
		plain := visitSeconds(t, baseline())
		if t.Failed() {
			return
		}
		t.Logf("%.1f s of a processor, %.1f s where nothing is optimised", optimised, plain)
		if optimised <= mostForOptimising*plain {
			return
		}
		if tries == 2 {
			t.Errorf("a first visit costs %.1f s of a processor, %.1f times what it costs where nothing is optimised", optimised, optimised/plain)
			return
		}
	}
}

// visitSeconds is the processor time that a first visit takes until the browser has been
// quiet for a second, once the server has gone too.
func visitSeconds(t *testing.T, how ...chromedp.ExecAllocatorOption) (seconds float64) {
	t.Helper()
	t.Run("visit", func(t *testing.T) {
		server, profile := StartServer(t), t.TempDir()
		browser := start(t, append(append(flags(profile), headless.WithAddressList()), how...))
		tab := browser.NewTab(t)
		before := browserSeconds(t, profile) // to start the browser itself
		tab.SignIn(server)
		tab.UntilReplica()
		tab.untilShell()
		untilQuiet(t, profile)
		server.Stop(t, syscall.SIGKILL)
		tab.Until(connection + `.startsWith("offline since")`)
		seconds = untilQuiet(t, profile) - before
		browser.ForgiveOffline()
	})
	return seconds
}

// untilQuiet waits until a browser takes hardly any of a processor for two seconds, and
// returns what it has taken in all.
func untilQuiet(t *testing.T, profile string) float64 {
	t.Helper()
	until := time.Now().Add(2 * maxWait)
	for before := browserSeconds(t, profile); time.Now().Before(until); {
		<-time.After(2 * time.Second)
		now := browserSeconds(t, profile)
		if now-before < 0.3 {
			return now
		}
		before = now
	}
	t.Fatal("the browser never comes to rest")
	return 0
}
