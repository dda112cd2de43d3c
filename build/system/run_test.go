package system

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"ret/build/retproc"
)

// ret is what the tests drive: RET_BINARY, or what the sources make.
var ret string

// soak asks for the long forms.
var soak = os.Getenv("RET_SOAK") != ""

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "ret-system-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if os.Getenv("RET_BINARY") == "" {
		// The flags are those of make build, which has compiled SQLite with them.
		build := exec.Command("go", "build", "-trimpath", "-o", filepath.Join(dir, "ret"), "ret/server")
		build.Stderr = os.Stderr
		err = build.Run()
	}
	if err == nil {
		ret, err = retproc.Binary(filepath.Join(dir, "ret"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "build ret:", err)
		return 1
	}
	return m.Run()
}

// start starts a server with settings, without rate limits unless they say so.
func start(t *testing.T, env ...string) *retproc.Server {
	t.Helper()
	return retproc.Start(t, ret, retproc.Options{Env: env})
}
