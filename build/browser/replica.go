package browser

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/ncruces/go-sqlite3/vfs"

	"ret/shared/replica"
	"ret/shared/seal"
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
	key, err := browserKey(t, tab).Derive("replica")
	if err != nil {
		t.Fatal(err)
	}
	pool, err := opfs.NewPool(opfs.Seal(handles, key))
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

// keyHalves are what this browser makes the key of: the secret that it keeps, and the
// word of the session.
const keyHalves = `(async () => {
	const file = await (await (await navigator.storage.getDirectory()).getFileHandle("ret-key")).getFile();
	const secret = btoa(String.fromCharCode(...new Uint8Array(await file.arrayBuffer())));
	return [secret, /ret_here=([^;]*)/.exec(document.cookie)[1]];
})()`

// browserSecret is the secret that this browser keeps, the first half of its key.
func browserSecret(t *testing.T, tab *Tab) []byte {
	t.Helper()
	secret, err := base64.StdEncoding.DecodeString(Eval[[]string](tab, keyHalves)[0])
	if err != nil || len(secret) != 48 {
		t.Fatalf("a secret and its check of %d bytes: %v", len(secret), err)
	}
	return secret[:32]
}

// browserKey is the key of what this browser keeps of its session.
func browserKey(t *testing.T, tab *Tab) *seal.Key {
	t.Helper()
	word := Eval[[]string](tab, keyHalves)[1]
	key, err := hkdf.Key(sha256.New, browserSecret(t, tab), []byte(word), "ret browser", seal.KeySize)
	if err != nil {
		t.Fatal(err)
	}
	return seal.KeyOf([seal.KeySize]byte(key))
}

// sealedFor is a text as this browser keeps it, in base64.
func sealedFor(t *testing.T, tab *Tab, text string) string {
	t.Helper()
	var sealed bytes.Buffer
	w, err := browserKey(t, tab).NewWriter(&sealed, nil)
	if err == nil {
		_, err = w.Write([]byte(text))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(sealed.Bytes())
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
