package system

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ret/build/retproc"
	"ret/server/receipt"
)

// flipped is a session whose disk is to change.
type flipped struct {
	*client
	folder string
	j      job
	before map[string][]byte // answers by path, from when all was well
}

// newFlipped signs in and fills a session: two tables, an entry of the cache, a file.
func newFlipped(t testing.TB, server *retproc.Server) *flipped {
	t.Helper()
	f := &flipped{client: admin(t, server), before: map[string][]byte{}}
	f.j = f.convert("", text("a.xml", books(300)), text("b.xml", books(200)))
	f.do("PUT", "/api/v1/cache/key", strings.Repeat("value", 2000)).want(t, 204)
	f.folder = filepath.Join(server.Runtime, "sessions", f.session())
	for _, path := range []string{"/api/v1/files", "/api/v1/jobs/" + f.j.ID, "/api/v1/cache/key"} {
		f.before[path] = f.do("GET", path, nil).want(t, 200).content
	}
	for _, tb := range f.tables() {
		f.before["/api/v1/tables/"+tb.ID+"/rows"] = nil
		f.before["/api/v1/tables/"+tb.ID+"/content"] = nil
	}
	for _, id := range f.j.Files {
		f.before["/api/v1/files/"+id+"/content"] = nil
	}
	for path := range f.before {
		f.before[path] = f.do("GET", path, nil).want(t, 200).content
	}
	return f
}

// flip changes one bit of a file, anywhere from a byte on.
func (f *flipped) flip(name string, from int) {
	f.t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		f.t.Fatal(err)
	}
	at := from + rand.IntN(len(content)-from)
	content[at] ^= 1 << rand.IntN(8)
	file, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err == nil {
		_, err = file.WriteAt(content[at:at+1], int64(at))
	}
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

// flipEachBlock changes a bit of each block of 4 KiB.
func (f *flipped) flipEachBlock(name string) {
	f.t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		f.t.Fatal(err)
	}
	for at := 0; at < len(content); at += 4096 {
		content[at+rand.IntN(4096)] ^= 1 << rand.IntN(8)
	}
	if err := os.WriteFile(name, content, 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// flipOne changes a bit of one of the files in a folder of the session.
func (f *flipped) flipOne(area string) {
	f.t.Helper()
	found, err := filepath.Glob(filepath.Join(f.folder, area, "*"))
	if err != nil || len(found) == 0 {
		f.t.Fatalf("no file in %s: %v", area, err)
	}
	f.flip(found[rand.IntN(len(found))], 0)
}

// damages asks for everything again and returns how many answers are none: each is as
// before, or a problem that a person can read, or is broken off.
func (f *flipped) damages(t testing.TB, what string) (n int) {
	t.Helper()
	for path, want := range f.before {
		res, err := f.http.Do(f.request("GET", path, nil))
		if err != nil {
			n++
			continue
		}
		content, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		switch {
		case err != nil:
			n++
		case res.StatusCode == http.StatusOK:
			if !bytes.Equal(content, want) {
				t.Errorf("%s: GET %s answers something else, and nobody says so: %.200q", what, path, content)
			}
		default:
			n++
			a := &answer{"GET " + path, res, content}
			if a.wantProblem(t); res.StatusCode < 500 || !strings.Contains(string(content), "damaged") && !strings.Contains(string(content), "not what was stored") {
				t.Errorf("%s: GET %s answers %d %s", what, path, res.StatusCode, content)
			}
		}
	}
	return n
}

// A bit that has changed in whatever file of a session is noticed when that is read and
// told in a sentence; other files and other sessions are as they were, and the session
// can still be ended.
func TestFlippedBits(t *testing.T) {
	t.Parallel()
	server := start(t)
	rounds := 1
	if soak {
		rounds = 10
	}
	for range rounds {
		flipFiles(t, server)
		flipClosed(t, server)
		flipLog(t, server)
	}
}

// flipFiles changes what a running server reads again and again: the files.
func flipFiles(t *testing.T, server *retproc.Server) {
	t.Helper()
	witness := newFlipped(t, server)
	for area, want := range map[string][]int{
		"input":  {1},    // the content of one file
		"output": {1, 2}, // rows and content of one table; where the bit is in neither's part, of one
	} {
		f := newFlipped(t, server)
		f.flipOne(area)
		n := f.damages(t, area)
		if n < want[0] || n > want[len(want)-1] {
			t.Errorf("%s: %d answers are none", area, n)
		}
		f.do("POST", "/api/v1/logout", nil).want(t, 200)
	}
	f := newFlipped(t, server)
	p := f.inPieces(file{"c.xml", []byte(books(2000))})
	p.send(0, len(p.file.content)/2).want(t, 204)
	p.send(len(p.file.content)/2, len(p.file.content)).want(t, 204)
	f.flipOne("partial")
	if a := p.complete(); a.StatusCode < 400 {
		t.Errorf("an upload with a changed piece: %d %s", a.StatusCode, a.content)
	} else {
		a.wantProblem(t)
	}
	if n := f.damages(t, "partial"); n != 0 {
		t.Errorf("partial: %d other answers are none", n)
	}
	if n := witness.damages(t, "another session"); n != 0 {
		t.Errorf("another session: %d answers are none", n)
	}
}

// flipClosed changes what a server reads when it opens a session: the key and each block
// of the database.
func flipClosed(t *testing.T, server *retproc.Server) {
	t.Helper()
	witness, locked := newFlipped(t, server), newFlipped(t, server)
	databases := make([]*flipped, 4)
	for i := range databases {
		databases[i] = newFlipped(t, server)
	}
	server.Stop(t, syscall.SIGTERM)
	locked.flip(filepath.Join(locked.folder, "key"), 0)
	for i, f := range databases {
		name := filepath.Join(f.folder, "workspace.db")
		if i == 0 {
			f.flipEachBlock(name)
			continue
		}
		f.flip(name, 0)
	}
	server.Restart(t)
	if n := locked.damages(t, "key"); n != len(locked.before) {
		t.Errorf("key: %d of %d answers are none", n, len(locked.before))
	}
	for i, f := range databases {
		n := f.damages(t, fmt.Sprintf("database %d", i))
		if i == 0 && n != len(f.before) {
			t.Errorf("database that is changed everywhere: %d of %d answers are none", n, len(f.before))
		}
	}
	if n := witness.damages(t, "another session"); n != 0 {
		t.Errorf("another session: %d answers are none", n)
	}
	for _, f := range append(databases, locked) {
		var said struct{ Receipts []receipt.Receipt }
		f.do("POST", "/api/v1/logout", nil).want(t, 200).decode(t, &said)
		if r := said.Receipts[0]; !r.KeyDestroyed || f == locked && !r.Unknown {
			t.Errorf("receipt of a damaged session: %+v", r)
		}
	}
}

// flipLog changes the log that a killed server has left.
func flipLog(t *testing.T, server *retproc.Server) {
	t.Helper()
	witness, f := newFlipped(t, server), newFlipped(t, server)
	for i := range 3 { // in the last changes it may be what a power cut has left
		f.do("PUT", fmt.Sprintf("/api/v1/cache/last%d", i), "value").want(t, 204)
	}
	server.Stop(t, syscall.SIGKILL)
	f.flip(filepath.Join(f.folder, "workspace.db-wal"), 0)
	server.Restart(t)
	if n := f.damages(t, "log"); n != 0 && n != len(f.before) {
		t.Errorf("log: %d of %d answers are none", n, len(f.before))
	}
	if n := witness.damages(t, "another session"); n != 0 {
		t.Errorf("another session: %d answers are none", n)
	}
	f.do("POST", "/api/v1/logout", nil).want(t, 200)
}
