package page

import (
	"strings"
	"testing"
)

// What has a structure is set out as it is; what would change its text is not.
func TestSetOut(t *testing.T) {
	for value, want := range map[string]string{
		`{"a":[1,{"b":2}]}`:              "{\n  \"a\": [\n    1,\n    {\n      \"b\": 2\n    }\n  ]\n}",
		"<a><b>1</b><c x=\"2\"/></a>":    "<a>\n  <b>1</b>\n  <c x=\"2\"/>\n</a>",
		"<a>\n<b>1</b>  <!-- n --></a>":  "<a>\n  <b>1</b>\n  <!-- n -->\n</a>",
		"<b>1</b><b>some <i>x</i> y</b>": "<b>1</b>\n<b>some <i>x</i> y</b>",
		"<p>some <i>words</i></p>":       "",
		"text <b>x</b>":                  "",
		"<a><b></a>":                     "",
		"<":                              "",
		"[1":                             "",
		"{}":                             "",
		"<a":                             "",
		"</a><a>":                        "",
		"< b >":                          "",
		strings.Repeat("<a>", 70_000):    "",
		"<a><![CDATA[<x>]]></a><b></b>":  "<a><![CDATA[<x>]]></a>\n<b></b>",
	} {
		got, ok := setOut(value)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%.40q is set out as %q, %v, want %q", value, got, ok, want)
		}
	}
}

// Only addresses of the web are links, without what follows them in a sentence.
func TestRuns(t *testing.T) {
	for value, want := range map[string]string{
		"see https://a.example/x?y=1&z=(2), or http://b.example.": "see |[https://a.example/x?y=1&z=(2]|), or |[http://b.example]|.",
		"javascript:alert(1) ftp://x":                             "javascript:alert(1) ftp://x",
		"<https://c.example/>":                                    "<|[https://c.example/]|>",
		"":                                                        "",
	} {
		var parts []string
		for _, r := range runs(value) {
			if r.link {
				r.text = "[" + r.text + "]"
			}
			parts = append(parts, r.text)
		}
		if got := strings.Join(parts, "|"); got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
	}
}
