package system

import (
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ret/build/retproc"
	"ret/server/receipt"
)

// guest is somebody who does things in any order until the server is gone.
type guest struct {
	*client
	doc  []byte // what is uploaded
	left bool   // the server is gone
}

// ask sends a request. The server may be killed in the midst of it; as long as it is
// there, no answer may be a failure of its own.
func (g *guest) ask(method, path string, body any, headers ...string) (content []byte) {
	res, err := g.http.Do(g.request(method, path, body, headers...))
	if err == nil {
		content, err = io.ReadAll(res.Body)
		_ = res.Body.Close()
	}
	g.left = g.left || err != nil
	if err == nil && res.StatusCode >= 500 {
		g.t.Errorf("%s %s answers %d %s", method, path, res.StatusCode, content)
	}
	return content
}

// stay signs in, does this and that, and may sign out, again and again.
func (g *guest) stay() {
	acts := []func(){g.convert, g.uploadInPieces, g.store, g.look}
	for !g.left {
		g.ask("POST", "/api/v1/login", map[string]string{"username": "admin", "password": retproc.Password})
		for range 1 + rand.IntN(4) {
			if !g.left {
				acts[rand.IntN(len(acts))]()
			}
		}
		if !g.left && rand.IntN(3) > 0 {
			g.ask("POST", "/api/v1/logout", nil)
		}
	}
}

// convert uploads a file, has it converted once more, and may call that off.
func (g *guest) convert() {
	body, kind := multipartOf(g.t, nil, file{"canaryupload.zip", g.doc})
	var accepted, again struct {
		ID  string
		Job job
	}
	if json.Unmarshal(g.ask("POST", "/api/v1/files?convert=1", body, "Content-Type", kind), &accepted) != nil || g.left {
		return
	}
	more := map[string]any{"kind": "convert", "files": accepted.Job.Files, "key": "canaryjob"}
	if json.Unmarshal(g.ask("POST", "/api/v1/jobs", more), &again) == nil && !g.left && rand.IntN(2) == 0 {
		g.ask("POST", "/api/v1/jobs/"+again.ID+"/cancel", nil)
	}
}

// uploadInPieces sends a part of an upload, and may give it up.
func (g *guest) uploadInPieces() {
	p := g.inPieces(file{"canarypiece.xml", []byte(strings.Repeat("canarypiece ", 20_000))})
	g.ask("PATCH", p.path(), p.file.content[:100_000], "Upload-Offset", "0")
	if !g.left && rand.IntN(2) == 0 {
		g.ask("DELETE", p.path(), nil)
	}
}

func (g *guest) store() { g.ask("PUT", "/api/v1/cache/canarykey", "canaryvalue") }

func (g *guest) look() { g.ask("GET", "/api/v1/tables", nil) }

// Several people sign in, upload, call off and sign out in any order, while the server
// is killed again and again. No answer is a failure; at no moment does anything of it
// stand on the disk in clear; and when all have signed out it is erased, as a whole
// chain of receipts says.
func TestSoakOfErasure(t *testing.T) {
	t.Parallel()
	server := start(t, "RET_WORKERS=2")
	rows := strings.Repeat("<canaryelement canaryname='canaryattribute'><a>canarycell</a></canaryelement>", 2000)
	doc := zipped(t, "canaryentry.xml", "<canarygroup>"+rows+"</canarygroup>")
	lives, longest := 4, 400*time.Millisecond
	if soak {
		lives, longest = 150, time.Second
	}
	for range lives {
		var guests sync.WaitGroup
		for range 4 {
			g := &guest{client: newClient(t, server), doc: doc}
			guests.Go(g.stay)
		}
		// The moment is random on purpose: no signal marks it.
		<-time.After(100*time.Millisecond + rand.N(longest))
		server.Stop(t, syscall.SIGKILL)
		guests.Wait()
		if heard := sung(t, server.Runtime); len(heard) > 0 {
			t.Errorf("after a kill: %v", heard)
		}
		server.Restart(t)
	}
	admin(t, server).do("POST", "/api/v1/logout?everywhere=1", nil).want(t, 200)
	eventually(t, 5*time.Second, "sessions and trash are empty", func() bool { return nothingLeft(t, server) })
	if heard := sung(t, server.Runtime); len(heard) > 0 {
		t.Errorf("in the end: %v", heard)
	}
	for _, c := range canaries {
		if strings.Contains(server.Log(t), c) {
			t.Errorf("the log says %s", c)
		}
	}
	checkChain(t, server)
}

// checkChain has "ret receipt" check all receipts, of which each says that its key is
// destroyed.
func checkChain(t *testing.T, server *retproc.Server) {
	t.Helper()
	log, code := server.Run(t, nil, "receipt", "log")
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte(log), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, verified := server.Run(t, nil, "receipt", "verify", path); code != 0 || verified != 0 || log == "" {
		t.Errorf("receipt log ends with %d, verify with %d: %s", code, verified, said)
	}
	for line := range strings.Lines(log) {
		var r receipt.Receipt
		if err := json.Unmarshal([]byte(line), &r); err != nil || !r.KeyDestroyed {
			t.Errorf("receipt %s: %v", line, err)
		}
	}
}
