package browser

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"ret/server/model/modeltest"
)

// A person says yes to what the page names, asks, sees the answer come, opens what it
// rests on, and stops another one. Nothing is sent before the yes; no address or title
// has the question, and after signing out nothing of it is on the browser's disk.
func TestAskStory(t *testing.T) {
	t.Parallel()
	goOn, ended := make(chan struct{}), make(chan struct{})
	endpoint := modeltest.New(t, func(w http.ResponseWriter, r *http.Request, q modeltest.Question, n int) {
		switch n {
		case 1:
			modeltest.Calls(w, "search", `{"words":"`+canary+`"}`)
		case 2:
			modeltest.Calls(w, "sql", `{"sql":"SELECT count(*) AS n FROM \"`+canary+`-row\""}`)
		case 3:
			modeltest.Stream(w)
			modeltest.Text(w, "There is a "+canary+" [1]")
			<-goOn
			modeltest.Text(w, ", in 30 rows [21].")
			modeltest.End(w, "stop")
		default:
			modeltest.Stream(w)
			modeltest.Text(w, "Endless "+canary)
			<-r.Context().Done()
			close(ended)
		}
	})
	server, profile := StartServer(t, "RET_CHAT_URL="+endpoint.URL.String(), "RET_CHAT_MODEL=small"), t.TempDir()
	browser := StartBrowserWith(t, profile)
	tab := openTabs(t, server, browser, 1)[0]
	tab.untilShell()
	tab.untilDrawing()
	tab.bringCanaries(30)

	tab.Do(chromedp.Click(`nav.sections a[href="/ask"]`), chromedp.WaitVisible(`.consent`))
	if says := Eval[string](tab, `document.querySelector(".consent").innerText`); !strings.Contains(says, endpoint.URL.String()+" (small)") || !strings.Contains(says, "2,000 cells") {
		t.Errorf("the page says %q", says)
	}
	if n := len(endpoint.Asked()); n > 0 {
		t.Fatalf("%d questions were sent before the yes", n)
	}
	tab.Do(chromedp.Click(`button[value=consent]`), chromedp.WaitVisible(`textarea[name=question]`))
	tab.Do(chromedp.SendKeys(`textarea[name=question]`, "Is there a "+canary+" question?"), chromedp.Click(`button[value=ask]`))
	tab.Until(`document.querySelector(".asked .answer")?.textContent.includes("There is a ` + canary + `")`)
	if state := Eval[string](tab, `document.querySelector(".asked").dataset.state`); state != "running" {
		t.Errorf("the answer is shown when it is %s", state)
	}
	// The answer comes over the live channel, and may be there before what the form was
	// answered; it is emptied by that.
	tab.Until(`document.querySelector("textarea[name=question]").value === ""`)
	tab.Do(chromedp.Reload())
	tab.Until(`document.querySelector(".asked .answer")?.textContent.includes("There is a ` + canary + `")`) // so far
	close(goOn)
	tab.Until(`document.querySelector('.asked[data-state=succeeded] .answer')?.textContent.includes("in 30 rows")`)
	if places := Eval[string](tab, `location.pathname + location.search + document.title`); strings.Contains(places, canary) || !strings.HasPrefix(places, "/ask") {
		t.Errorf("address and title say %s", places)
	}

	// A query opens with its result, and a cell in its row.
	tab.Do(chromedp.Click(`.asked .cite[href^="#"]`))
	tab.Until(`document.querySelector(".shown-part:target")?.checkVisibility() && document.querySelector(".shown-part:target td").textContent.trim() === "30"`)
	tab.Do(chromedp.Click(`.asked .cite[href^="/tables/"]`))
	tab.Until(`location.pathname.startsWith("/tables/") && document.querySelector("main").textContent.includes("` + canary + `")`)

	tab.Do(chromedp.Navigate(server.URL+"/ask"), chromedp.WaitVisible(`textarea[name=question]`))
	tab.Do(chromedp.SendKeys(`textarea[name=question]`, "And for ever, "+canary+"?"), chromedp.Click(`button[value=ask]`))
	tab.Until(`document.querySelector(".asked .answer")?.textContent.includes("Endless")`)
	tab.press(`.asked button[value=cancel]`)
	<-ended
	tab.Until(`document.querySelector(".asked[data-state=cancelled] .answer")?.textContent.includes("Endless")`)

	tab.Do(chromedp.Navigate(server.URL+"/logout"), chromedp.Click(`form[action="/logout"] button.wrong`), chromedp.WaitVisible(`.receipt`))
	browser.Close(t)
	for _, path := range holding(t, profile, canary) {
		t.Errorf("left in %s", path)
	}
}

// Without a server the page says that asking needs it, and shows what was asked before;
// when it is back, a question can be written again.
func TestAskWithoutServer(t *testing.T) {
	t.Parallel()
	endpoint := modeltest.New(t, func(w http.ResponseWriter, _ *http.Request, _ modeltest.Question, _ int) {
		modeltest.Stream(w)
		modeltest.Text(w, "There is nothing to count.")
		modeltest.End(w, "stop")
	})
	server, browser := StartServer(t, "RET_CHAT_URL="+endpoint.URL.String(), "RET_CHAT_MODEL=small"), StartBrowser(t)
	tab := openTabs(t, server, browser, 1)[0]
	tab.untilShell()
	tab.Do(chromedp.Click(`nav.sections a[href="/ask"]`), chromedp.WaitVisible(`.consent`))
	tab.Do(chromedp.Click(`button[value=consent]`), chromedp.WaitVisible(`textarea[name=question]`))
	tab.Do(chromedp.SendKeys(`textarea[name=question]`, "How many are there?"), chromedp.Click(`button[value=ask]`))
	tab.Until(`document.querySelector(".asked[data-state=succeeded] .answer")?.textContent.includes("nothing to count")`)
	tab.UntilReplica()
	tab.untilDrawing()
	goOffline(t, server, tab)

	tab.Do(chromedp.Click(`nav.sections a[href="/ask"]`), chromedp.WaitVisible(`[data-away]`))
	if says := Eval[string](tab, `document.querySelector("main").innerText`); !strings.Contains(says, "Asking needs the server") ||
		!strings.Contains(says, "How many are there?") || !strings.Contains(says, "nothing to count") || Eval[bool](tab, `document.querySelector("textarea") !== null`) {
		t.Errorf("without a server the page says %q", says)
	}
	server.Restart(t)
	tab.Until(`document.querySelector("textarea[name=question]") && document.querySelector(".asked .answer")?.textContent.includes("nothing to count")`)
	browser.ForgiveOffline()
}
