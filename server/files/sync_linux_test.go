package files_test

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"ret/server/files"
)

const nobody = 65534

// unlistable takes the right to list folders away, so that they cannot be synced,
// while names in them still come and go. The test goes on as somebody whom that binds.
func unlistable(t *testing.T, root string, dirs ...string) {
	t.Helper()
	for _, dir := range dirs {
		if err := os.Chmod(filepath.Join(root, dir), 0o300); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(filepath.Join(root, dir), 0o700) })
	}
	if os.Getuid() == 0 {
		err := filepath.Walk(root, func(path string, _ os.FileInfo, err error) error {
			if err == nil {
				err = os.Chown(path, nobody, nobody)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		runtime.LockOSThread()
		if _, _, errno := syscall.RawSyscall(syscall.SYS_SETFSUID, nobody, 0, 0); errno != 0 {
			t.Fatal(errno)
		}
		t.Cleanup(func() {
			_, _, _ = syscall.RawSyscall(syscall.SYS_SETFSUID, 0, 0, 0)
			runtime.UnlockOSThread()
		})
	}
}

// A name that cannot be made durable is an error: no row may refer to a blob that a
// crash takes away.
func TestNamesAreDurableOrAnError(t *testing.T) {
	for name, c := range map[string]struct {
		dirs []string
		do   func(f *files.Folder) error
	}{
		"an upload":           {[]string{"sessions/one/input"}, func(f *files.Folder) error { return f.SyncInputs() }},
		"an upload in pieces": {[]string{"sessions/one/partial"}, func(f *files.Folder) error { return f.SyncInputs() }},
		"a table":             {[]string{"sessions/one/output"}, func(f *files.Folder) error { return f.SyncTables() }},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			s := openStore(t, root)
			t.Cleanup(func() { _ = s.Close() })
			f := openFolder(t, s, "one")
			unlistable(t, root, c.dirs...)
			if err := c.do(f); err == nil {
				t.Error("what cannot be synced is taken for durable")
			}
		})
	}
}
