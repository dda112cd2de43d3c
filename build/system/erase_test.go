package system

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"ret/build/retproc"
	"ret/server/receipt"
)

// canaries are in every field that a person can fill.
var canaries = []string{
	"canaryupload", "canaryentry", "canaryelement", "canarycell", "canaryattribute", "canaryname",
	"canarykey", "canaryvalue", "canaryjob", "canarypiece", "canarygroup",
	"canaryquestion", "canaryanswer", "canaryvector", "canarysecret",
}

// fill puts the canaries into a session: files, tables, cache, a job's key, an upload
// that is not whole.
func fill(who *client) {
	who.t.Helper()
	doc := "<canarygroup><canaryelement canaryname='canaryattribute'><a>canarycell</a></canaryelement>" +
		"<canaryelement><a>canarycell 2</a></canaryelement></canarygroup>"
	up := who.upload("/api/v1/files?convert=1", nil, file{"canaryupload.zip", zipped(who.t, "canaryentry.xml", doc)}).want(who.t, 201)
	var accepted struct {
		Job job
	}
	up.decode(who.t, &accepted)
	who.ended(accepted.Job.ID)
	who.do("PUT", "/api/v1/cache/canarykey", "canaryvalue").want(who.t, 204)
	again := map[string]any{"kind": "convert", "files": accepted.Job.Files, "key": "canaryjob"}
	var j job
	who.do("POST", "/api/v1/jobs", again).want(who.t, 202).decode(who.t, &j)
	who.ended(j.ID)
	p := who.inPieces(file{"canarypiece.xml", []byte(strings.Repeat("canarypiece ", 5000))})
	p.send(0, 40_000).want(who.t, 204)
	who.askCanaries()
}

// zipped is a ZIP of one entry.
func zipped(t testing.TB, name, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err == nil {
		_, err = io.WriteString(w, content)
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sung are the canaries that can be read below a folder, in names or in bytes.
func sung(t testing.TB, root string) (heard []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil // unlinked meanwhile
		}
		if err != nil {
			return err
		}
		text := name
		if e.Type().IsRegular() {
			b, err := os.ReadFile(name)
			if err != nil && !os.IsNotExist(err) {
				return err
			}
			text += string(b)
		}
		for _, c := range canaries {
			if strings.Contains(text, c) && !slices.Contains(heard, c) {
				heard = append(heard, c)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return heard
}

// Nothing that a person gave RET stands below the runtime folder in clear: not while
// the session lives, not when the server was killed, not after signing out; nor in the
// log. The receipt says that the key is destroyed, and "ret receipt" that it is right.
func TestNothingStandsOnTheDiskInClear(t *testing.T) {
	t.Parallel()
	server := start(t, canaryModels(t)...)
	who := admin(t, server)
	fill(who)
	if heard := sung(t, server.Runtime); len(heard) > 0 {
		t.Errorf("while the session lives: %v", heard)
	}
	server.Stop(t, syscall.SIGKILL)
	if heard := sung(t, server.Runtime); len(heard) > 0 {
		t.Errorf("after a kill: %v", heard)
	}
	wantNoise(t, server)
	server.Restart(t)
	if n := len(who.tables()); n == 0 {
		t.Error("after the restart no table is there")
	}
	out := who.do("POST", "/api/v1/logout", nil).want(t, 200)
	var signedOut struct{ Receipts []receipt.Receipt }
	out.decode(t, &signedOut)
	r := signedOut.Receipts[0]
	if !r.KeyDestroyed || r.Files != 1 || len(r.Uploads) != 1 || r.Unknown {
		t.Errorf("receipt: %+v", r)
	}
	eventually(t, 2*time.Second, "all is unlinked", func() bool { return nothingLeft(t, server) })
	if heard := sung(t, server.Runtime); len(heard) > 0 {
		t.Errorf("after signing out: %v", heard)
	}
	for _, c := range canaries {
		if strings.Contains(server.Log(t), c) {
			t.Errorf("the log says %s", c)
		}
	}
	checkReceipts(t, who, out.content)
}

// wantNoise fails the test if a file of a session can be packed into fewer bytes, as
// whatever has a meaning can.
func wantNoise(t testing.TB, server *retproc.Server) {
	t.Helper()
	for _, name := range filesBelow(t, server, "sessions") {
		content, err := os.ReadFile(filepath.Join(server.Runtime, "sessions", name))
		if err != nil && !errors.Is(err, syscall.EISDIR) {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "-shm") {
			continue // which blocks of the log are of which page, and no content
		}
		var packed bytes.Buffer
		w, err := flate.NewWriter(&packed, flate.BestCompression)
		if err == nil {
			_, err = w.Write(content)
		}
		if err = errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		if packed.Len() < len(content) {
			t.Errorf("%s: %d bytes can be packed into %d", name, len(content), packed.Len())
		}
	}
}

// checkReceipts has "ret receipt" check an answer to a sign-out, and its own log, with
// one receipt left out and without.
func checkReceipts(t *testing.T, who *client, answer []byte) {
	t.Helper()
	for range 2 {
		who.login("admin", retproc.Password).want(t, 200)
		who.do("POST", "/api/v1/logout", nil).want(t, 200)
	}
	log, code := who.server.Run(t, nil, "receipt", "log")
	lines := strings.SplitAfter(strings.TrimSpace(log), "\n")
	if code != 0 || len(lines) != 3 {
		t.Fatalf("receipt log ends with %d: %s", code, log)
	}
	dir := t.TempDir()
	verify := func(name, text string) int {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, code := who.server.Run(t, nil, "receipt", "verify", path)
		return code
	}
	for name, text := range map[string]string{"answer": string(answer), "log": log, "one": lines[1]} {
		if code := verify(name, text); code != 0 {
			t.Errorf("%s: verify ends with %d", name, code)
		}
	}
	changed := []byte(answer)
	changed[len(changed)/2] ^= 1
	for name, text := range map[string]string{"changed": string(changed), "without": lines[0] + lines[2], "nothing": ""} {
		if code := verify(name, text); code != 1 {
			t.Errorf("%s: verify ends with %d", name, code)
		}
	}
}

// A server without the master key, or with another one, does not start and names the
// file; with the right one again all is there.
func TestMasterKeyMustBeTheRightOne(t *testing.T) {
	t.Parallel()
	server := start(t)
	who := admin(t, server)
	fill(who)
	tables := len(who.tables())
	server.Stop(t, syscall.SIGTERM)
	kept, err := os.ReadFile(server.MasterKey)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what string) {
		out, code := server.Run(t, nil, "serve", "--addr", "127.0.0.1:0")
		if code == 0 || !strings.Contains(out+server.Log(t), server.MasterKey) {
			t.Errorf("%s: ends with %d: %s", what, code, out)
		}
	}
	if err := os.Remove(server.MasterKey); err != nil {
		t.Fatal(err)
	}
	refused("missing")
	if _, err := os.Stat(server.MasterKey); err == nil {
		t.Error("a new key was made over old data")
	}
	other := start(t)
	another, err := os.ReadFile(other.MasterKey)
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string][]byte{"another": another, "noise": []byte("noise")} {
		if err := os.WriteFile(server.MasterKey, text, 0o600); err != nil {
			t.Fatal(err)
		}
		refused(what)
	}
	if err := os.WriteFile(server.MasterKey, kept, 0o600); err != nil {
		t.Fatal(err)
	}
	server.Restart(t)
	if n := len(who.tables()); n != tables {
		t.Errorf("%d tables of %d are there", n, tables)
	}
}

// The master key can be exchanged beside a running server: nobody notices, and the old
// one opens nothing any more.
func TestKeyRotate(t *testing.T) {
	t.Parallel()
	server := start(t)
	who := admin(t, server)
	fill(who)
	old, err := os.ReadFile(server.MasterKey)
	if err != nil {
		t.Fatal(err)
	}
	if out, code := server.Run(t, nil, "key", "rotate"); code != 0 {
		t.Fatalf("ends with %d: %s", code, out)
	}
	tables := len(who.tables())
	newcomer := admin(t, server)
	newcomer.do("PUT", "/api/v1/cache/a", "b").want(t, 204)
	server.Stop(t, syscall.SIGTERM)
	server.Restart(t)
	if n := len(who.tables()); n != tables || n == 0 {
		t.Errorf("%d tables of %d are there", n, tables)
	}
	newcomer.do("GET", "/api/v1/cache/a", nil).want(t, 200)
	server.Stop(t, syscall.SIGTERM)
	if err := os.WriteFile(server.MasterKey, old, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, code := server.Run(t, nil, "serve", "--addr", "127.0.0.1:0"); code == 0 {
		t.Error("a server starts with the old key")
	}
}

// A server that is killed while a session ends has erased it when it is back, whatever
// the moment; a copy of what was left by the kill holds nothing in clear.
func TestKilledWhileErasing(t *testing.T) {
	t.Parallel()
	server := start(t)
	kills := 5
	if soak {
		kills = 100
	}
	for range kills {
		who := admin(t, server)
		fill(who)
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			if res, err := who.http.Do(who.request("POST", "/api/v1/logout", nil)); err == nil {
				_ = res.Body.Close()
			}
		}()
		// The moment is random on purpose: no signal marks it.
		<-time.After(time.Duration(rand.IntN(40)) * time.Millisecond)
		server.Stop(t, syscall.SIGKILL)
		<-gone
		if heard := sung(t, server.Runtime); len(heard) > 0 {
			t.Errorf("after a kill: %v", heard)
		}
		server.Restart(t)
		if who.do("GET", "/api/v1/session", nil).StatusCode == 200 {
			who.do("POST", "/api/v1/logout", nil).want(t, 200) // the kill was first
		}
		eventually(t, 5*time.Second, "sessions and trash are empty", func() bool { return nothingLeft(t, server) })
	}
	checkChain(t, server)
}

// What an earlier version stored without a key ends at the first start: it is
// overwritten, the trail tells, and the person is told why.
func TestStoredInClearIsTakenOver(t *testing.T) {
	t.Parallel()
	server := start(t)
	who := admin(t, server)
	who.do("PUT", "/api/v1/cache/a", "b").want(t, 204)
	server.Stop(t, syscall.SIGTERM)
	found, err := filepath.Glob(filepath.Join(server.Runtime, "sessions", "*"))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	if err := os.Remove(filepath.Join(found[0], "key")); err != nil {
		t.Fatal(err)
	}
	clear := filepath.Join(found[0], "input", "clear")
	if err := os.WriteFile(clear, []byte("canaryupload"), 0o600); err != nil {
		t.Fatal(err)
	}
	witness, err := os.Open(clear) // the bytes where they lie, whatever the name
	if err != nil {
		t.Fatal(err)
	}
	defer witness.Close()
	server.Restart(t)
	b := make([]byte, 12)
	if _, err := witness.ReadAt(b, 0); err != nil || string(b) == "canaryupload" {
		t.Errorf("the disk still holds %q: %v", b, err)
	}
	page := who.do("GET", "/login", nil).want(t, 200)
	if !strings.Contains(string(page.content), "without encryption") {
		t.Error("the sign-in page does not say why the session ended")
	}
	fresh := admin(t, server)
	if trail := fresh.do("GET", "/api/v1/admin/audit", nil).want(t, 200); !strings.Contains(string(trail.content), "upgraded") {
		t.Errorf("the trail does not tell: %.500s", trail.content)
	}
}
