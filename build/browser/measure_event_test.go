//go:build measure

package browser

import (
	"bytes"
	"fmt"
	"maps"
	"mime/multipart"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

const (
	eventJobs  = 60
	eventPause = 250 * time.Millisecond
)

// watchJobs notes when each job first shows in each state, in milliseconds since
// 1970.
const watchJobs = `(() => {
	window.shown = {};
	new MutationObserver(() => {
		for (const job of document.querySelectorAll("#jobs > li[data-state]"))
			window.shown[job.id + " " + job.dataset.state] ??= performance.timeOrigin + performance.now();
	}).observe(document.querySelector("#jobs"), { subtree: true, childList: true, attributes: true });
	return true;
})()`

// From what happens to a job on the server, by the time that the server gives it
// before it commits it, to the changed page of a tab that follows the replica: at a
// first visit, while the browser compiles the module, and in the same browser after
// it was closed and opened again.
func TestMeasureBrowserEvents(t *testing.T) {
	server := StartServer(t)
	who := signIn(t, server)
	profile := t.TempDir()
	for _, visit := range []string{"_first_visit", ""} {
		browser := StartOptimisingBrowser(t, profile)
		times := who.followJobs(t, browser)
		quarter := len(times) / 4
		note(t, "events%s: %d were seen in the page, at first %.0f ms late, at last %.0f ms, at most %.0f ms",
			visit, len(times), quantile(times[:quarter], 0.5), quantile(times[3*quarter:], 0.5), quantile(times, 1))
		report(t, measurement{Name: "browser_event_to_dom" + visit + "_p50", Value: quantile(times, 0.5), Unit: "ms"})
		report(t, measurement{Name: "browser_event_to_dom" + visit + "_p99", Value: quantile(times, 0.99), Unit: "ms"})
		browser.Close(t)
	}
}

// followJobs has the server run jobs while a page follows, and returns how late
// each event was.
func (s *session) followJobs(t *testing.T, browser *Browser) []float64 {
	t.Helper()
	tab := s.newTab(t, browser, nil)
	tab.Do(chromedp.Navigate(s.server.URL + "/"))
	tab.UntilReplica()
	tab.untilShell()
	began := time.Now()
	Eval[bool](tab, watchJobs)
	s.uploadInTurn(t, eventJobs, eventPause)
	untilIdle(tab)
	tab.Until(`document.querySelector("#jobs > li:first-child").dataset.state === "succeeded"`)
	times := eventTimes(t, s, began, Eval[map[string]float64](tab, `window.shown`))
	if len(times) < eventJobs {
		t.Fatalf("only %d events were seen", len(times))
	}
	return times
}

// uploadInTurn has the server convert so many files, one each pause.
func (s *session) uploadInTurn(t *testing.T, jobs int, pause time.Duration) {
	t.Helper()
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for n := range jobs {
		<-ticker.C
		s.upload(t, fmt.Sprintf("books%d.xml", n))
	}
}

// upload has the server convert a small file.
func (s *session) upload(t *testing.T, name string) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write([]byte(books(20)))
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	s.do(t, "POST", "/api/v1/files?convert=1", form.FormDataContentType(), &body)
}

// jobTimes is what the API says of a job.
type jobTimes struct {
	ID         string
	CreatedAt  time.Time  `json:"created_at"`
	StartedAt  *time.Time `json:"started_at"`
	FinishedAt *time.Time `json:"finished_at"`
}

// eventTimes is how long after each event since began it was first shown, in their
// order. A state that was over before it could be shown is none.
func eventTimes(t *testing.T, s *session, began time.Time, shown map[string]float64) (times []float64) {
	t.Helper()
	seen := map[float64]float64{} // by when it happened
	for after := ""; ; {
		list := get[struct {
			Items []jobTimes
			Next  *string
		}](t, s, "/api/v1/jobs?limit=100"+after)
		for _, job := range list.Items {
			for state, at := range map[string]*time.Time{"queued": &job.CreatedAt, "running": job.StartedAt, "succeeded": job.FinishedAt} {
				if when, ok := shown["job-"+job.ID+" "+state]; ok && at != nil && at.After(began) {
					happened := float64(at.UnixMicro()) / 1000
					seen[happened] = when - happened
				}
			}
		}
		if list.Next == nil {
			break
		}
		after = "&after=" + url.QueryEscape(*list.Next)
	}
	for _, happened := range slices.Sorted(maps.Keys(seen)) {
		times = append(times, seen[happened])
	}
	return times
}
