// Package retproc runs the real ret binary for tests that drive it from outside,
// over HTTP, the live channel and the command line. Each Server has folders of its
// own, so tests may run side by side; one Server is for one test.
package retproc

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"ret/server/files"
	"ret/server/keys"
	"ret/shared/workspace"
)

// Password is the first admin's.
const Password = "a long enough password 9"

// Server is a running ret serve.
type Server struct {
	URL       string
	Runtime   string // its folder
	MasterKey string // its file

	binary string
	env    []string
	prefix []string
	log    string // file of its standard error
	cmd    *exec.Cmd
}

// Options change how a Server is started.
type Options struct {
	Env     []string // KEY=value, over the defaults of tests
	Runtime string   // "" is a folder that goes with the test

	// MasterKey is the file of the key that has wrapped what is in Runtime; "" is one
	// that goes with the test.
	MasterKey string

	// Prefix is a command that the server's own is appended to, as a shell that
	// sets limits first.
	Prefix []string
}

// Binary is the ret that RET_BINARY names, or else fallback.
func Binary(fallback string) (string, error) {
	binary := os.Getenv("RET_BINARY")
	if binary == "" {
		binary = fallback
	}
	return filepath.Abs(binary)
}

// Main runs a package's tests over the binary, whose path it puts into ret: the one
// that RET_BINARY names, or else one that it builds. It is for TestMain.
func Main(m *testing.M, ret *string) (code int) {
	dir, err := os.MkdirTemp("", "ret-built-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if os.Getenv("RET_BINARY") == "" {
		// The flags are those of make build, which has compiled SQLite with them.
		build := exec.Command("go", "build", "-o", filepath.Join(dir, "ret"), "ret/server")
		build.Stderr = os.Stderr
		err = build.Run()
	}
	if err == nil {
		*ret, err = Binary(filepath.Join(dir, "ret"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "build ret:", err)
		return 1
	}
	return m.Run()
}

// Start starts the binary on a free port, without rate limits, and stops it when
// the test ends. The server's log is shown if the test has failed.
func Start(t testing.TB, binary string, o Options) *Server {
	t.Helper()
	home := t.TempDir()
	if o.Runtime == "" {
		o.Runtime = filepath.Join(home, "runtime")
	}
	if o.MasterKey == "" {
		o.MasterKey = filepath.Join(home, "master.key")
	}
	s := &Server{Runtime: o.Runtime, MasterKey: o.MasterKey, binary: binary, prefix: o.Prefix, log: filepath.Join(home, "log")}
	s.env = append(Env(home), "RET_ADMIN_PASSWORD="+Password, "RET_RUNTIME_ROOT="+s.Runtime, "RET_MASTER_KEY_FILE="+s.MasterKey, "RATE_LIMIT_REQUESTS=0")
	s.env = append(s.env, o.Env...)
	s.start(t, "127.0.0.1:0", o.Prefix)
	t.Cleanup(func() {
		s.Stop(t, syscall.SIGTERM)
		if t.Failed() {
			t.Logf("log of the server:\n%s", s.Log(t))
		}
	})
	return s
}

// Env is an environment that knows nothing of whoever runs the tests.
func Env(home string) []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + os.TempDir()}
}

var listening = regexp.MustCompile(`^listening on (https?://(\S+))`)

func (s *Server) start(t testing.TB, addr string, prefix []string) {
	t.Helper()
	args := append(append([]string{}, prefix...), s.binary, "serve", "--addr", addr)
	s.cmd = exec.Command(args[0], args[1:]...)
	s.cmd.Env, s.cmd.Dir = s.env, filepath.Dir(s.log)
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	s.cmd.Stderr = log
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
	_ = s.cmd.Wait()
	s.cmd = nil
	t.Fatalf("ret ended before it listened:\n%s", s.Log(t))
}

// PID is the server's process.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Stop ends the server by a signal and waits for it. Stopping twice is harmless.
func (s *Server) Stop(t testing.TB, signal syscall.Signal) {
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

// Restart starts it again on the same address, with the same limits.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	_, addr, _ := strings.Cut(s.URL, "://")
	s.start(t, addr, s.prefix)
}

// KillWhileStarting starts it again and kills it after a while, whether or not it has
// begun to listen.
func (s *Server) KillWhileStarting(t testing.TB, after time.Duration) {
	t.Helper()
	cmd := exec.Command(s.binary, "serve", "--addr", "127.0.0.1:0")
	cmd.Env, cmd.Dir = s.env, filepath.Dir(s.log)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-time.After(after)
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	_ = cmd.Wait() // a signal's exit is no failure
}

// Update starts it again, as another version.
func (s *Server) Update(t testing.TB, binary string) {
	t.Helper()
	s.binary = binary
	s.Restart(t)
}

// Log is what the server has logged so far.
func (s *Server) Log(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile(s.log)
	if err != nil {
		t.Error(err)
	}
	return string(text)
}

// Run runs another command of the binary on the server's folder, with in as its
// standard input, and returns what it wrote and its exit code.
func (s *Server) Run(t testing.TB, in io.Reader, args ...string) (out string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), s.binary, args...)
	cmd.Env, cmd.Dir, cmd.Stdin = s.env, filepath.Dir(s.log), in
	text, err := cmd.CombinedOutput()
	if err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	return string(text), cmd.ProcessState.ExitCode()
}

// Workspace opens the only session's database with its key. The server must be down.
func (s *Server) Workspace(t testing.TB) *workspace.Workspace {
	t.Helper()
	return openWorkspace(t, s.Runtime, s.MasterKey)
}

// WorkspaceCopy opens a copy of the only session's database beside the server.
func (s *Server) WorkspaceCopy(t testing.TB) *workspace.Workspace {
	t.Helper()
	runtime := t.TempDir()
	for _, pattern := range []string{"workspace.db*", "key"} {
		found, err := filepath.Glob(filepath.Join(s.Runtime, "sessions", "*", pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("no session's %s: %v", pattern, err)
		}
		for _, path := range found {
			if !strings.HasSuffix(path, "-shm") {
				copyBelow(t, s.Runtime, path, runtime)
			}
		}
	}
	return openWorkspace(t, runtime, s.MasterKey)
}

// copyBelow copies a file to the same place below another folder.
func copyBelow(t testing.TB, root, path, to string) {
	t.Helper()
	name, err := filepath.Rel(root, path)
	if err != nil {
		t.Fatal(err)
	}
	to = filepath.Join(to, name)
	data, err := os.ReadFile(path)
	if err == nil {
		err = errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), os.WriteFile(to, data, 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// openWorkspace opens the database of the only session below a runtime folder.
func openWorkspace(t testing.TB, runtime, masterKey string) *workspace.Workspace {
	t.Helper()
	master, err := keys.Open(masterKey, false)
	if err != nil {
		t.Fatal(err)
	}
	store, err := files.OpenStore(runtime, master, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	ids, err := store.Sessions()
	if err != nil || len(ids) != 1 {
		t.Fatalf("sessions: %v, %v", ids, err)
	}
	folder, err := store.Open(ids[0])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = folder.Close() }()
	path, cfg, err := folder.Database()
	if err != nil {
		t.Fatal(err)
	}
	w, err := workspace.Open(path, workspace.Options{SQLite: cfg})
	if err != nil {
		t.Fatal(err)
	}
	return w
}
