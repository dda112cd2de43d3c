package pages

import (
	"context"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/chromedp/chromedp"

	"ret/web/page"
	"ret/web/page/pagetest"
)

// background is for rendering fragments, which nobody cancels.
var background = context.Background()

func TestThePageFollowsChanges(t *testing.T) {
	s := newStand(t, page.WorkbenchView{})
	ctx := browse(t, s)
	c := s.connected(t)
	if c.hello.Epoch != "e1" || c.hello.Cursor != 4 || c.hello.View != "html" || c.hello.Client == "" {
		t.Fatalf("hello was %+v", c.hello)
	}
	c.welcome(4)
	holds(t, ctx, `document.querySelector("#connection").textContent === "live"`)
	holds(t, ctx, `getComputedStyle(document.querySelector(".first-steps")).display === "grid"`)

	job := pagetest.Running
	f, err := page.JobPut(background, job)
	c.delta(4, 5, f, err)
	holds(t, ctx, `document.querySelector("#jobs > #job-j5 progress").value === 31`)
	holds(t, ctx, `getComputedStyle(document.querySelector(".first-steps")).display === "none"`)

	c.send(map[string]any{"type": "progress", "job": "j5", "progress": map[string]any{
		"done": 33, "total": 34, "unit": "files", "message": "last.xml", "rate": 2,
	}})
	holds(t, ctx, `document.querySelector("#job-j5 progress").value === 33`)
	holds(t, ctx, `document.querySelector("#job-j5 [data-part=message]").textContent === "last.xml"`)

	older := pagetest.Succeeded
	f, err = page.JobPut(background, older)
	c.delta(5, 6, f, err)
	holds(t, ctx, `[...document.querySelectorAll("#jobs > li")].map(e => e.id).join() === "job-j5,job-j4"`)

	job.State = page.JobCancelled
	f, err = page.JobPut(background, job)
	c.delta(6, 7, f, err)
	holds(t, ctx, `document.querySelector("#job-j5 .state").textContent.trim() === "cancelled"`)
	holds(t, ctx, `document.querySelector("#announcer").textContent === "crossref.zip: cancelled"`)
}

func TestTablesComeInOrderAndGo(t *testing.T) {
	s := newStand(t, page.WorkbenchView{})
	ctx := browse(t, s)
	c := s.connected(t)
	c.welcome(4)
	group := pagetest.Finance
	cursor := int64(4)
	for _, i := range []int{3, 0} {
		f, err := page.TablePut(background, group.Items[i], group)
		c.delta(cursor, cursor+1, f, err)
		cursor++
	}
	holds(t, ctx, `[...document.querySelectorAll("#tables-ar-batch > tr")].map(e => e.id).join() === "table-t1,table-t4"`)
	f, err := page.TableDel(background, "t4", group)
	c.delta(6, 7, f, err)
	holds(t, ctx, `document.querySelectorAll("#tables-ar-batch > tr").length === 1`)
	f, err = page.TableDel(background, "t1", page.Group{Name: group.Name})
	c.delta(7, 8, f, err)
	holds(t, ctx, `document.querySelector("#group-ar-batch") === null`)
}

// What a person is about to press, has opened or selected outlives a change.
func TestFocusAndOpenPartsSurviveAChange(t *testing.T) {
	s := newStand(t, page.WorkbenchView{Jobs: []page.Job{pagetest.Running, pagetest.Succeeded}, JobTotal: 2})
	ctx := browse(t, s)
	c := s.connected(t)
	c.welcome(4)
	do(t, ctx, chromedp.Click("#job-j4-errors summary"), chromedp.Focus("#job-j5 button"))
	holds(t, ctx, `document.querySelector("#job-j4-errors").open && document.activeElement.closest("#job-j5") !== null`)
	running, done := pagetest.Running, pagetest.Succeeded
	running.Progress.Done, done.Name = 32, "renamed.zip"
	f, err := page.JobPut(background, running)
	c.delta(4, 5, f, err)
	f, err = page.JobPut(background, done)
	c.delta(5, 6, f, err)
	holds(t, ctx, `document.querySelector("#job-j4 .job-name").textContent === "renamed.zip"`)
	holds(t, ctx, `document.querySelector("#job-j4-errors").open && document.activeElement.closest("#job-j5") !== null`)
}

func TestALostConnectionComesBackWithItsCursor(t *testing.T) {
	s := newStand(t, page.WorkbenchView{})
	ctx := browse(t, s)
	c := s.connected(t)
	c.welcome(4)
	f, err := page.JobPut(background, pagetest.Running)
	c.delta(4, 9, f, err)
	holds(t, ctx, `document.querySelector("#job-j5") !== null`)
	f, err = page.JobPut(background, pagetest.Queued)
	c.delta(11, 12, f, err) // something between is missing
	c = s.connected(t)
	if c.hello.Cursor != 9 || c.hello.Epoch != "e1" {
		t.Errorf("came back with %+v", c.hello)
	}
}

func TestAResetShowsThePageAnew(t *testing.T) {
	s := newStand(t, page.WorkbenchView{Jobs: []page.Job{pagetest.Succeeded}, JobTotal: 1})
	ctx := browse(t, s)
	c := s.connected(t)
	c.welcome(4)
	f, err := page.JobPut(background, pagetest.Running)
	c.delta(4, 5, f, err)
	holds(t, ctx, `document.querySelector("#job-j5") !== null`)
	c.send(map[string]any{"type": "reset", "epoch": "e2"})
	again := s.connected(t)
	if again.hello.Epoch != "e1" || again.hello.Cursor != 4 {
		t.Errorf("went on from %+v, not from the page's own state", again.hello)
	}
	holds(t, ctx, `document.querySelector("#job-j5") === null && document.querySelector("#job-j4") !== null`)
}

func TestAPurgeLeavesForTheSignInPage(t *testing.T) {
	for _, way := range []struct {
		name  string
		purge func(c *conn)
	}{
		{"frame", func(c *conn) { c.send(map[string]any{"type": "purge", "epoch": "e1", "reason": "logout"}) }},
		{"close code", func(c *conn) {
			_ = c.ws.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(4001, ""))
		}},
	} {
		t.Run(way.name, func(t *testing.T) {
			s := newStand(t, page.WorkbenchView{})
			ctx := browse(t, s)
			way.purge(s.connected(t))
			do(t, ctx, chromedp.WaitVisible(`form[action="/login"]`))
		})
	}
}
