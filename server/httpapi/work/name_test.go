package work

import "testing"

func TestANameKeepsItsPathBelowAFolderOnly(t *testing.T) {
	for name, want := range map[string]string{
		"a.xml":                 "a.xml",
		"export/2026/a.xml":     "export/2026/a.xml",
		" export /a.xml":        " export /a.xml",
		"/home/ana/a.xml":       "a.xml",
		"../../etc/passwd":      "passwd",
		"export/../a.xml":       "a.xml",
		"export/./a.xml":        "a.xml",
		"export//a.xml":         "a.xml",
		"export/":               "file",
		"export/ ":              "file",
		`C:\fakepath\a.xml`:     "a.xml",
		`export\a.xml`:          "a.xml",
		"C:/Users/ana/a.xml":    "a.xml",
		"a\x00b/c\n.xml":        "a_b/c_.xml",
		"\xff/a.xml":            "_/a.xml",
		"..":                    "..", // nothing to climb to: it is only shown
		"Ärzte/März 2026/ä.xml": "Ärzte/März 2026/ä.xml",
	} {
		if got := CleanName(name); got != want {
			t.Errorf("%q became %q, want %q", name, got, want)
		}
	}
}
