package page_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"ret/web/page"
)

// The same vectors hold asset/js/page/format.js to the same words.
func TestFigures(t *testing.T) {
	text, err := os.ReadFile("testdata/format.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors map[string][][]any
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors["part"] {
		of := v[0].([]any)
		if got := page.PartOf(int64(of[0].(float64)), int64(of[1].(float64))); got != v[1] {
			t.Errorf("part(%v) = %q, want %q", of, got, v[1])
		}
	}
	seconds := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	formats := map[string]func(float64) string{
		"count":    func(n float64) string { return page.Count(int64(n)) },
		"bytes":    func(n float64) string { return page.Bytes(int64(n)) },
		"duration": func(s float64) string { return page.Duration(seconds(s)) },
		"clock":    func(s float64) string { return page.Clock(seconds(s)) },
		"rate":     page.Rate,
	}
	for name, format := range formats {
		if len(vectors[name]) == 0 {
			t.Errorf("no vectors for %s", name)
		}
		for _, v := range vectors[name] {
			if got := format(v[0].(float64)); got != v[1] {
				t.Errorf("%s(%v) = %q, want %q", name, v[0], got, v[1])
			}
		}
	}
}
