package attack

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ret/build/retproc"
)

// A session whose database is missing or empty is damaged, not new: nothing of it
// is deleted, it says so, and it can still be ended.
func TestLostDatabaseIsNotANewOne(t *testing.T) {
	for name, lose := range map[string]func(path string) error{
		"missing": os.Remove,
		"empty":   func(path string) error { return os.Truncate(path, 0) },
	} {
		for content, keep := range map[string]func(c *client){
			"a file":  func(c *client) { c.upload("/api/v1/files", "a", []byte("content")).want(t, 201) },
			"nothing": func(c *client) { c.do("GET", "/api/v1/files", nil).want(t, 200) },
		} {
			t.Run(name+", with "+content, func(t *testing.T) {
				server := start(t)
				who := signIn(t, server, "admin")
				keep(who)
				server.Stop(t, syscall.SIGTERM)
				databases, err := filepath.Glob(filepath.Join(server.Runtime, "sessions", "*", "workspace.db"))
				if err != nil || len(databases) != 1 {
					t.Fatalf("%v, %v", databases, err)
				}
				for _, suffix := range []string{"-wal", "-shm"} {
					_ = os.Remove(databases[0] + suffix)
				}
				if err := lose(databases[0]); err != nil {
					t.Fatal(err)
				}
				held := onDisk(t, server, "input")
				server.Restart(t)
				for range 2 {
					if a := who.do("GET", "/api/v1/files", nil).want(t, 500); !strings.Contains(string(a.content), "damaged") {
						t.Errorf("it says %s", a.content)
					}
				}
				if now := onDisk(t, server, "input"); now != held {
					t.Errorf("%d bytes are left of %d", now, held)
				}
				who.signOut()
				if left, err := os.ReadDir(filepath.Join(server.Runtime, "sessions")); err != nil || len(left) > 0 {
					t.Errorf("left: %v, %v", left, err)
				}
			})
		}
	}
}

// The folder of a session that the database does not know, as after an older one was
// restored, is erased at start, and both log and audit trail say so.
func TestUnknownSessionsAreErasedAtStart(t *testing.T) {
	server := start(t)
	who := signIn(t, server, "admin")
	who.upload("/api/v1/files", "mine", []byte("content")).want(t, 201)
	server.Stop(t, syscall.SIGTERM)
	const id = "0192f5a0-0000-7000-8000-000000000000"
	folder := filepath.Join(server.Runtime, "sessions", id, "input")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "left"), []byte("in clear"), 0o600); err != nil {
		t.Fatal(err)
	}
	server.Restart(t)
	if _, err := os.Stat(filepath.Dir(folder)); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}
	if !strings.Contains(server.Log(t), id) {
		t.Error("the log does not tell")
	}
	var trail struct{ Items []json.RawMessage }
	who.do("GET", "/api/v1/admin/audit", nil).want(t, 200).decode(t, &trail)
	if text, _ := json.Marshal(trail); !strings.Contains(string(text), id) {
		t.Errorf("the trail does not tell: %.400s", text)
	}
	if onDisk(t, server, "input") == 0 {
		t.Error("the session that is known has lost its file")
	}
}

// A second server over the same database of sessions does not start.
func TestSecondServerOverOneDatabase(t *testing.T) {
	db := filepath.Join(t.TempDir(), "ret_session.db")
	start(t, "RET_SESSION_DB="+db)
	home := t.TempDir()
	tooLong, cancel := context.WithTimeout(t.Context(), attackTime)
	defer cancel()
	second := exec.CommandContext(tooLong, ret, "serve", "--addr", "127.0.0.1:0")
	second.Env = append(retproc.Env(home), "RET_SESSION_DB="+db, "RET_RUNTIME_ROOT="+filepath.Join(home, "runtime"))
	out, err := second.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "RET_SESSION_DB") {
		t.Errorf("%v: %s", err, out)
	}
}
