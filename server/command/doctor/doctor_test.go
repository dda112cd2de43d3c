package doctor_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ret/server/command/doctor"
	"ret/server/config"
	"ret/server/meaning/meaningtest"
	"ret/server/model/modeltest"
	"ret/server/store"
	"ret/shared/sqlite"
)

func load(t *testing.T, environ ...string) config.Loaded {
	t.Helper()
	loaded, err := config.Register(flag.NewFlagSet("doctor", flag.ContinueOnError)).Load(environ)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// examine runs all checks with the default settings.
func examine(t *testing.T) map[string]doctor.Finding {
	t.Helper()
	found := map[string]doctor.Finding{}
	for _, f := range doctor.Examine(t.Context(), load(t)) {
		found[f.Check] = f
	}
	return found
}

func inFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	return dir
}

// started leaves what a first start leaves.
func started(t *testing.T) *sqlite.DB {
	t.Helper()
	if err := os.Mkdir("runtime", 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open("runtime/ret_session.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestHealthyBeforeTheFirstStart(t *testing.T) {
	dir := inFolder(t)
	found := examine(t)
	for name, f := range found {
		if f.Err != nil || f.Note == "" {
			t.Errorf("%s: %q, %v", name, f.Note, f.Err)
		}
	}
	if len(found) != 12 {
		t.Errorf("%d checks", len(found))
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestHealthyBesideAServer(t *testing.T) {
	inFolder(t)
	started(t)
	for name, f := range examine(t) {
		if f.Err != nil {
			t.Errorf("%s: %v", name, f.Err)
		}
	}
	names, err := filepath.Glob("runtime/.doctor*")
	if err != nil || len(names) > 0 {
		t.Errorf("left behind: %v, %v", names, err)
	}
}

func TestFindings(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil   func(*testing.T)
		environ string
		check   string
		says    string
	}{
		"production without address": {nil, "RET_ENV=production", "settings", "RET_PUBLIC_URL"},
		"folder open to others": {func(t *testing.T) {
			started(t)
			must(t, os.Chmod("runtime", 0o755))
		}, "", "runtime folder", "chmod 700"},
		"folder is a file": {func(t *testing.T) {
			must(t, os.WriteFile("runtime", nil, 0o600))
		}, "", "runtime folder", "RET_RUNTIME_ROOT"},
		"sessions without a database": {func(t *testing.T) {
			must(t, os.MkdirAll("runtime/sessions/x", 0o700))
		}, "", "runtime folder", "database of sessions"},
		"no folder for the database": {func(t *testing.T) {
			must(t, os.WriteFile("file", nil, 0o600))
		}, "RET_SESSION_DB=file/x.db", "central database", "RET_SESSION_DB"},
		"database open to others": {func(t *testing.T) {
			started(t)
			must(t, os.Chmod("runtime/ret_session.db", 0o644))
		}, "", "central database", "chmod 600"},
		"database is no database": {func(t *testing.T) {
			must(t, os.Mkdir("runtime", 0o700))
			must(t, os.WriteFile("runtime/ret_session.db", []byte(strings.Repeat("no database ", 100)), 0o600))
		}, "", "central database", "cannot be opened"},
		"database of a newer version": {func(t *testing.T) {
			write(t, started(t), "PRAGMA user_version=999")
		}, "", "central database", "newer RET"},
		"clock gone back": {func(t *testing.T) {
			db := started(t)
			must(t, db.Write(t.Context(), func(c *sqlite.Conn) error {
				return store.AppendAudit(c, store.AuditEntry{At: time.Now().Add(time.Hour), Action: store.ActionSignIn})
			}))
		}, "", "clock", "gone back"},
		"key in the runtime folder": {nil, "RET_MASTER_KEY_FILE=runtime/keys/master.key", "key file", "move it"},
		"key behind a link into it": {func(t *testing.T) {
			must(t, os.Mkdir("runtime", 0o700))
			must(t, os.Symlink("runtime", "elsewhere"))
		}, "RET_MASTER_KEY_FILE=elsewhere/master.key", "key file", "move it"},
		"key open to others": {func(t *testing.T) {
			must(t, os.WriteFile("master.key", nil, 0o600))
			must(t, os.Chmod("master.key", 0o644)) // whatever the umask
		}, "RET_MASTER_KEY_FILE=master.key", "key file", "chmod 600"},
	} {
		t.Run(name, func(t *testing.T) {
			inFolder(t)
			if tt.spoil != nil {
				tt.spoil(t)
			}
			f := doctor.ExamineOne(t.Context(), load(t, tt.environ), tt.check)
			if f.Err == nil || !strings.Contains(f.Err.Error(), tt.says) {
				t.Errorf("note %q, error %v, want one that says %q", f.Note, f.Err, tt.says)
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, db *sqlite.DB, sql string) {
	t.Helper()
	must(t, db.Write(t.Context(), func(c *sqlite.Conn) error {
		_, err := c.Exec(sql)
		return err
	}))
}

func TestEmbeddingModel(t *testing.T) {
	inFolder(t)
	if f := doctor.ExamineOne(t.Context(), load(t, "RET_EMBED_FILE="+meaningtest.Animals(t)), "embedding model"); f.Err != nil || !strings.Contains(f.Note, "3 dimensions") {
		t.Errorf("%q, %v", f.Note, f.Err)
	}
	if f := doctor.ExamineOne(t.Context(), load(t, "RET_EMBED_FILE="+t.TempDir()), "embedding model"); f.Err == nil || !strings.Contains(f.Err.Error(), "RET_EMBED_FILE") {
		t.Errorf("%q, %v", f.Note, f.Err)
	}
}

// The doctor asks the endpoints that are set, with their keys, and sends nothing else.
func TestEndpoints(t *testing.T) {
	inFolder(t)
	e := modeltest.New(t, func(w http.ResponseWriter, _ *http.Request, q modeltest.Question, _ int) {
		if q.Key != "k" {
			w.WriteHeader(http.StatusUnauthorized)
		} else if q.Input != nil {
			_, _ = fmt.Fprint(w, `{"data":[{"index":0,"embedding":[1,2,3]}]}`)
		} else {
			modeltest.Says(w, "ready")
		}
	})
	for _, test := range []struct{ check, name, key, says string }{
		{"chat endpoint", "CHAT", "k", e.URL.String()},
		{"chat endpoint", "CHAT", "wrong", "RET_CHAT_KEY"},
		{"embed endpoint", "EMBED", "k", "3 dimensions"},
		{"embed endpoint", "EMBED", "wrong", "RET_EMBED_KEY"},
	} {
		f := doctor.ExamineOne(t.Context(), load(t, "RET_"+test.name+"_URL="+e.URL.String(), "RET_"+test.name+"_KEY="+test.key), test.check)
		said := f.Note
		if f.Err != nil {
			said = f.Err.Error()
		}
		if (f.Err != nil) != (test.key == "wrong") || !strings.Contains(said, test.says) {
			t.Errorf("%s with key %q: %s", test.check, test.key, said)
		}
	}
}
