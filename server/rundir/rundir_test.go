package rundir_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"ret/server/rundir"
	"ret/shared/fault"
)

func paths(t *testing.T) (root, db string) {
	t.Helper()
	root = filepath.Join(t.TempDir(), "a", "runtime")
	return root, filepath.Join(root, "ret_session.db")
}

func take(t *testing.T, root, db string) *rundir.Claim {
	t.Helper()
	c, err := rundir.Take(root, db)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFolderIsForUsAlone(t *testing.T) {
	root, db := paths(t)
	if err := os.MkdirAll(root, 0o755); err != nil {
		t.Fatal(err)
	}
	c := take(t, root, db)
	defer c.Release()
	for name, want := range map[string]os.FileMode{"": 0o700, "ret.lock": 0o600} {
		info, err := os.Stat(filepath.Join(root, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%q has mode %v, want %v (%v)", name, info.Mode().Perm(), want, err)
		}
	}
}

func TestSecondServerIsRefused(t *testing.T) {
	root, db := paths(t)
	c := take(t, root, db)
	if _, err := rundir.Take(root, db); !errors.Is(err, rundir.ErrHeld) {
		t.Errorf("in the same process: %v, want ErrHeld", err)
	}
	other := exec.Command(os.Args[0], "-test.run=^TestMain$")
	other.Env = append(os.Environ(), "TAKE_ROOT="+root, "TAKE_DB="+db)
	if out, err := other.CombinedOutput(); err == nil {
		t.Errorf("another process took it: %s", out)
	}
	if err := c.Release(); err != nil {
		t.Fatal(err)
	}
	c = take(t, root, db)
	if err := c.Release(); err != nil {
		t.Fatal(err)
	}
}

// TestMain is also the other process of TestSecondServerIsRefused.
func TestMain(m *testing.M) {
	root := os.Getenv("TAKE_ROOT")
	if root == "" {
		os.Exit(m.Run())
	}
	if _, err := rundir.Take(root, os.Getenv("TAKE_DB")); errors.Is(err, rundir.ErrHeld) {
		os.Exit(1)
	}
}

func TestSessionsWithoutTheirDatabaseAreRefused(t *testing.T) {
	root, db := paths(t)
	if err := os.MkdirAll(filepath.Join(root, "sessions"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := take(t, root, db).Release(); err != nil { // empty: nobody's
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, "sessions", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := rundir.Take(root, db); !errors.Is(err, rundir.ErrOrphaned) {
		t.Errorf("without a database: %v, want ErrOrphaned", err)
	}
	if err := os.WriteFile(db, []byte("SQLite"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := take(t, root, db).Release(); err != nil { // the refusal let go of the lock
		t.Fatal(err)
	}
}

func TestUnusableFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := rundir.Take(file, file); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a file as folder: %v", err)
	}
}

// Two servers with folders of their own must not have one database of sessions:
// each would erase what the other's sessions hold.
func TestOneDatabaseIsOneServers(t *testing.T) {
	root, db := paths(t)
	c := take(t, root, db)
	other, _ := paths(t)
	if _, err := rundir.Take(other, db); !errors.Is(err, rundir.ErrDatabaseHeld) {
		t.Errorf("%v, want ErrDatabaseHeld", err)
	}
	if err := c.Release(); err != nil {
		t.Fatal(err)
	}
	if err := take(t, other, db).Release(); err != nil {
		t.Fatal(err)
	}
}
