package browser

import (
	"context"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// What someone uploaded does not run on RET's origin when its link is opened: the
// browser saves it instead.
func TestUploadsDoNotRun(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := browser.NewTab(t)
	tab.SignIn(server)
	for name, content := range map[string]string{
		"evil.html": `<script>localStorage.ran = "html"</script>`,
		"evil.svg":  `<svg xmlns="http://www.w3.org/2000/svg"><script>localStorage.ran = "svg"</script></svg>`,
	} {
		link := Eval[string](tab, `(() => {
			const form = new FormData();
			form.append("file", new File([`+"`"+content+"`"+`], "`+name+`"));
			return fetch("/api/v1/files", { method: "POST", body: form }).then((r) => r.json())
				.then((up) => "/api/v1/files/" + up.items[0].id + "/content");
		})()`)
		// A download ends the navigation with an error, or with nothing.
		ctx, cancel := context.WithTimeout(tab.ctx, 2*time.Second)
		_ = chromedp.Do(ctx, chromedp.Navigate(server.URL+link))
		cancel()
		tab.Do(chromedp.Navigate(server.URL + "/account"))
		if ran := Eval[string](tab, `localStorage.ran ?? ""`); ran != "" {
			t.Errorf("%s ran", name)
		}
	}
}
