package browser

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"ret/build/browser/drop"
)

// A folder that is dropped without a network is converted on the spot, by the paths
// of its files, and the server makes the same of it afterwards.
func TestFolderDroppedOffline(t *testing.T) {
	t.Parallel()
	server, browser := StartServer(t), StartBrowser(t)
	tab := openTabs(t, server, browser, 1)[0]
	goOffline(t, server, tab)
	folder := filepath.Join(t.TempDir(), "export")
	for _, name := range []string{"ar/a.xml", "gl/a.xml"} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(books(5)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	Eval[bool](tab, keepSaved)
	tab.Do(drop.Paths(folder))
	tab.Until(`document.querySelector("#uploads [data-part=state]").textContent === "waiting"`)
	tab.Until(listed + `.length === 2 && document.querySelectorAll("#groups > *").length === 2`)
	kept := Eval[map[string]string](tab, keptTables)

	server.Restart(t)
	tab.Until(`document.querySelectorAll("#jobs [data-state=succeeded]").length === 1 && document.querySelectorAll("#uploads > *").length === 0`)
	if servers := Eval[map[string]string](tab, serversTables); !maps.Equal(servers, kept) {
		t.Errorf("the server's tables differ from those made here: %d and %d", len(servers), len(kept))
	}
	for _, want := range []struct{ list, names string }{
		{"files", "export/ar/a.xml export/gl/a.xml"},
		{"tables", "export/ar/a.xml export/gl/a.xml"},
	} {
		names := Eval[string](tab, `fetch("/api/v1/`+want.list+`").then((r) => r.json()).then((l) => l.items.map((i) => i.source ?? i.name).sort().join(" "))`)
		if names != want.names {
			t.Errorf("of %s the server has %q, want %q", want.list, names, want.names)
		}
	}
	browser.ForgiveOffline()
}
