// Package browser drives RET's pages in a real Chromium against the real binary.
// The harness starts both; the tests beside it are the stories of people.
package browser

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// Password is the first admin's.
const Password = "a long enough password 9"

// Server is a running ret.
type Server struct {
	URL     string
	Runtime string // its folder

	binary string
	env    []string
	cmd    *exec.Cmd
}

// StartServer starts build/ret, or the binary that RET_BINARY names, on a free
// port, and stops it when the test ends.
func StartServer(t *testing.T, env ...string) *Server {
	t.Helper()
	binary := os.Getenv("RET_BINARY")
	if binary == "" {
		binary = "../ret"
	}
	binary, err := filepath.Abs(binary)
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Runtime: filepath.Join(t.TempDir(), "runtime"), binary: binary}
	s.env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "RET_ADMIN_PASSWORD=" + Password,
		"RET_RUNTIME_ROOT=" + s.Runtime, "RATE_LIMIT_REQUESTS=0",
	}, env...)
	s.start(t, "127.0.0.1:0")
	t.Cleanup(func() { s.Stop(t, syscall.SIGTERM) })
	return s
}

var listening = regexp.MustCompile(`^listening on (http://(\S+))`)

func (s *Server) start(t *testing.T, addr string) {
	t.Helper()
	s.cmd = exec.Command(s.binary, "serve", "--addr", addr)
	s.cmd.Env, s.cmd.Dir = s.env, filepath.Dir(s.Runtime)
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		t.Fatalf("start ret (build it with make build): %v", err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			s.URL = m[1]
			return
		}
	}
	t.Fatal("ret ended before it listened")
}

// Stop ends the server by a signal and waits for it. Stopping twice is harmless.
func (s *Server) Stop(t *testing.T, signal syscall.Signal) {
	t.Helper()
	if s.cmd == nil {
		return
	}
	if err := s.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	_ = s.cmd.Wait() // a signal's exit is no failure
	s.cmd = nil
}

// Restart starts it again on the same address.
func (s *Server) Restart(t *testing.T) {
	t.Helper()
	s.start(t, strings.TrimPrefix(s.URL, "http://"))
}
