package asset_test

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"testing"
)

// Text on ground, by the names of tokens.css. WCAG asks for 4.5 for text and 3
// for the edges of controls.
var textPairs = [][2]string{
	{"ink", "page"},
	{"ink", "surface"},
	{"ink", "hover"},
	{"ink", "accent-tint"},
	{"ink", "wrong-tint"},
	{"ink", "sunken"},
	{"ink-soft", "page"},
	{"ink-soft", "surface"},
	{"ink-soft", "hover"},
	{"ink-soft", "sunken"},
	{"ink-soft", "accent-tint"},
	{"accent", "page"},
	{"accent", "surface"},
	{"accent", "accent-tint"},
	{"accent-strong", "accent-tint"},
	{"accent-ink", "accent"},
	{"accent-ink", "accent-strong"},
	{"wrong", "page"},
	{"wrong", "surface"},
	{"wrong", "wrong-tint"},
	{"wrong-ink", "wrong"},
}

var edgePairs = [][2]string{{"line-strong", "page"}, {"line-strong", "surface"}, {"accent", "page"}}

func TestContrast(t *testing.T) {
	colors := tokens(t)
	check := func(pairs [][2]string, least float64) {
		for _, pair := range pairs {
			for theme := range 2 {
				a, b := colors[pair[0]][theme], colors[pair[1]][theme]
				if got := contrast(a, b); got < least {
					t.Errorf("%s on %s, theme %d: %.2f, want %.1f", pair[0], pair[1], theme, got, least)
				}
			}
		}
	}
	check(textPairs, 4.5)
	check(edgePairs, 3)
}

// tokens reads the light and the dark value of each colour.
func tokens(t *testing.T) map[string][2]float64 {
	t.Helper()
	css, err := os.ReadFile("css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	pair := regexp.MustCompile(`--([a-z-]+): light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\);`)
	found := map[string][2]float64{}
	for _, m := range pair.FindAllStringSubmatch(string(css), -1) {
		found[m[1]] = [2]float64{luminance(t, m[2]), luminance(t, m[3])}
	}
	return found
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	rgb, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	linear := func(shift int) float64 {
		c := float64(rgb>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(16) + 0.7152*linear(8) + 0.0722*linear(0)
}

func contrast(a, b float64) float64 {
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}
