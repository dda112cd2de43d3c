//go:build measure

package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// The measurements of the browser's half are tests like the others, but built
// only with the tag measure, by build/bench. They write what they found, one line
// of JSON each, to the file that RET_MEASURED names.

// measurement is a figure, or instead a note why there is none.
type measurement struct {
	Name       string  `json:"name,omitempty"`
	Value      float64 `json:"value,omitempty"`
	Unit       string  `json:"unit,omitempty"`
	Rival      string  `json:"rival,omitempty"`
	RivalValue float64 `json:"rival_value,omitempty"`
	Note       string  `json:"note,omitempty"`
}

func report(t *testing.T, m measurement) {
	t.Helper()
	t.Logf("%+v", m)
	path := os.Getenv("RET_MEASURED")
	if path == "" {
		return
	}
	out, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		err = json.NewEncoder(out).Encode(m)
	}
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func note(t *testing.T, format string, args ...any) {
	t.Helper()
	report(t, measurement{Note: fmt.Sprintf(format, args...)})
}

// milliseconds reports the median of some times.
func milliseconds(t *testing.T, name string, times []float64) {
	t.Helper()
	report(t, measurement{Name: name, Value: quantile(times, 0.5), Unit: "ms"})
}

// quantile is the value that a part of all do not exceed.
func quantile(values []float64, part float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(len(sorted)-1, int(part*float64(len(sorted))))]
}

// newTab opens a tab that is signed in by the session's cookies, so that its first
// page is the one that is measured, and that notes when each of some
// conditions first holds in a page, in milliseconds since its navigation began.
func (s *session) newTab(t *testing.T, b *Browser, conditions map[string]string) *Tab {
	t.Helper()
	tab := b.NewTab(t)
	tab.Do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		for _, c := range s.cookies {
			set := network.SetCookieParams{Name: c.Name, Value: c.Value, URL: s.server.URL, HTTPOnly: &c.HttpOnly}
			if _, err := cdp.Call(ctx, target, network.SetCookie, set); err != nil {
				return err
			}
		}
		if _, err := cdp.Call(ctx, target, page.Enable, page.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, target, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watchScript(conditions)})
		return err
	}))
	return tab
}

func watchScript(conditions map[string]string) string {
	var tests strings.Builder
	for name, condition := range conditions {
		fmt.Fprintf(&tests, "%q: () => %s,\n", name, condition)
	}
	return `(() => {
		const conditions = {` + tests.String() + `};
		const first = (window.first = {});
		new MutationObserver(() => {
			for (const [name, holds] of Object.entries(conditions)) if (!(name in first) && holds()) first[name] = performance.now();
		}).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
	})()`
}

// when waits until a condition of newTab has held, and says when it first did.
func (tab *Tab) when(name string) float64 {
	tab.t.Helper()
	tab.Until(fmt.Sprintf(`%q in window.first`, name))
	return Eval[float64](tab, fmt.Sprintf(`window.first[%q]`, name))
}

// isReplica holds once a page follows the browser's replica, and that the server.
const isReplica = `document.querySelector("#mode")?.dataset.mode === "replica" && document.querySelector("#connection")?.dataset.state === "live"`

// within evaluates an expression that may take longer than a person's step.
func within[T any](tab *Tab, limit time.Duration, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(tab.ctx, limit)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, awaited))
}
