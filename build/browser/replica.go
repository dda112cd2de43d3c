package browser

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/ncruces/go-sqlite3/vfs"

	"ret/shared/replica"
	"ret/shared/sqlite"
	"ret/shared/wire"
	"ret/shared/workspace"
	"ret/wasm/opfs"
)

// UntilReplica waits until the tab follows the browser's copy of the session.
func (tab *Tab) UntilReplica() {
	tab.t.Helper()
	tab.Until(`document.querySelector("#mode")?.dataset.mode === "replica" && document.querySelector("#connection").dataset.state === "live"`)
}

// poolFiles reads the origin's private files, once no worker has them.
const poolFiles = `(async () => {
	const root = await navigator.storage.getDirectory();
	const files = [];
	for (let tries = 0; ; tries++) {
		try {
			const folder = await root.getDirectoryHandle("ret");
			files.length = 0;
			for (let i = 0; ; i++) {
				let file;
				try { file = await folder.getFileHandle(String(i)); } catch { break; }
				const bytes = new Uint8Array(await (await file.getFile()).arrayBuffer());
				let text = "";
				for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
				files.push(btoa(text));
			}
			return files;
		} catch (problem) {
			if (tries > 50) throw problem;
			await new Promise((resolve) => setTimeout(resolve, 100));
		}
	}
})()`

// leaveForNothing goes to a page without a worker, where the origin's files can
// be looked into.
func (tab *Tab) leaveForNothing(s *Server) {
	tab.t.Helper()
	tab.Do(chromedp.Navigate(s.URL + "/healthz"))
}

// Replica opens a copy of the replica that this browser keeps. No tab may have a
// worker.
func Replica(t *testing.T, tab *Tab) *workspace.Workspace {
	t.Helper()
	var handles []opfs.Handle
	for _, text := range Eval[[]string](tab, poolFiles) {
		data, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		handles = append(handles, &memory{data})
	}
	pool, err := opfs.NewPool(handles)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("pool%d", pools.Add(1))
	vfs.Register(name, pool)
	t.Cleanup(func() { vfs.Unregister(name) })
	r, err := replica.Open(t.Context(), "replica.db", sqlite.Config{VFS: name, Exclusive: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r.Workspace
}

var pools atomic.Int64

// memory is an opfs.Handle over bytes.
type memory struct{ data []byte }

func (m *memory) ReadAt(p []byte, off int64) (int, error) {
	if off >= int64(len(m.data)) {
		return 0, nil
	}
	return copy(p, m.data[off:]), nil
}

func (m *memory) WriteAt(p []byte, off int64) (int, error) {
	if grow := off + int64(len(p)) - int64(len(m.data)); grow > 0 {
		m.data = append(m.data, make([]byte, grow)...)
	}
	return copy(m.data[off:], p), nil
}

func (m *memory) Truncate(size int64) error {
	if size <= int64(len(m.data)) {
		m.data = m.data[:size]
	}
	return nil
}

func (m *memory) Flush() error         { return nil }
func (m *memory) Size() (int64, error) { return int64(len(m.data)), nil }

// ServersCopy opens a copy of the only session's database on the server.
func ServersCopy(t *testing.T, s *Server) *workspace.Workspace {
	t.Helper()
	w := s.WorkspaceCopy(t)
	t.Cleanup(func() { _ = w.Close() })
	return w
}

// Told is all that a client is told of a workspace, as the live channel says it.
func Told(t *testing.T, w *workspace.Workspace) string {
	t.Helper()
	things, to, err := w.Things(t.Context(), 0, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	fmt.Fprintf(&all, "%s to %d\n", w.Epoch(), to)
	for _, thing := range things {
		text, err := wire.EncodeThing(thing)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
		all.WriteByte('\n')
	}
	return all.String()
}

// Close closes the tab.
func (tab *Tab) Close() { tab.cancel() }

// origin is the server that the tab shows.
func (tab *Tab) origin() string {
	tab.t.Helper()
	return Eval[string](tab, `location.origin`)
}
