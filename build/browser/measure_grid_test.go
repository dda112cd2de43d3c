//go:build measure

package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// What a person feels of a million rows, with the server on the same machine.
func TestMeasureGrid(t *testing.T) {
	server, browser := StartServer(t), StartOptimisingBrowser(t, t.TempDir())
	tab := browser.NewTab(t)
	tab.SignIn(server)
	openSales(t, tab, 1_000_000)
	path := Eval[string](tab, `location.pathname`)
	var opened []float64
	for range 3 {
		tab.Do(chromedp.Navigate(server.URL + path))
		opened = append(opened, Eval[float64](tab, `(async () => {
			do await new Promise(requestAnimationFrame); while (!document.querySelector(".window .cell") || document.querySelector(".window .waiting"));
			return performance.now();
		})()`))
	}
	milliseconds(t, "grid_open", opened)
	times := tab.measureGrid("@customer")
	for _, figure := range []struct {
		name  string
		value float64
	}{
		{"grid_wheel_frame_p95", times.Wheel},
		{"grid_drag_frame_p95", times.Drag},
		{"grid_longest_task", times.Long},
		{"grid_jump", times.Jump},
		{"grid_facet_100k", times.Facet},
		{"grid_sort_first_shown", times.Shown},
		{"grid_sort_first_asked", times.Sort},
		{"grid_sort_place_asked", times.Place},
		{"grid_contains_asked", times.Contains},
	} {
		report(t, measurement{Name: figure.name, Value: figure.value, Unit: "ms", Rival: "none"})
	}
	memory := Eval[float64](tab, `performance.memory.usedJSHeapSize / 1e6`)
	report(t, measurement{Name: "grid_page_heap", Value: memory, Unit: "MB", Rival: "none"})
}
