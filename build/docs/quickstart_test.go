package docs

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

const quickstart = "../../docs/quickstart.md"

// documented is the address that the page speaks of.
const documented = "127.0.0.1:8080"

// block is one piece of shell of a page. A server goes on while the rest runs.
type block struct {
	server bool
	script string
}

var fence = regexp.MustCompile("(?ms)^```sh( server)?\n(.*?)^```$")

func blocks(page string) (list []block) {
	for _, m := range fence.FindAllStringSubmatch(page, -1) {
		list = append(list, block{server: m[1] != "", script: m[2]})
	}
	return list
}

// TestQuickstart runs every command of the page, in its order and in one shell,
// as a newcomer would in the cloned folder.
func TestQuickstart(t *testing.T) {
	list := blocks(read(t, quickstart))
	if len(list) < 8 {
		t.Fatalf("only %d blocks found", len(list))
	}
	env := environment(t)
	i := 0
	for ; !list[i].server; i++ {
		shell(t, env, list[i].script)
	}
	serve(t, env, list[i].script)
	var rest strings.Builder
	for _, b := range list[i+1:] {
		rest.WriteString(b.script)
	}
	out := shell(t, env, rest.String())
	for _, want := range []string{
		"id,title,author", "b1,Middlemarch,George Eliot", `"state":"queued"`, "hello",
		`"receipts":[{`, `"files":1`, "added ana (user)", "ana is locked",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("nowhere in what the commands say: %s", want)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
}

// environment is the caller's, with a runtime folder and a port that disturb
// nobody.
func environment(t *testing.T) []string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return append(os.Environ(),
		"RET_ADDR="+l.Addr().String(),
		"RET_RUNTIME_ROOT="+filepath.Join(t.TempDir(), "runtime"),
		"TMPDIR="+t.TempDir(),
	)
}

// address is where the environment has the server listen.
func address(env []string) string {
	for _, pair := range env {
		if a, ok := strings.CutPrefix(pair, "RET_ADDR="); ok {
			return a
		}
	}
	return ""
}

func command(ctx context.Context, env []string, script string) *exec.Cmd {
	script = strings.ReplaceAll(script, documented, address(env))
	cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", script)
	cmd.Dir = "../.."
	cmd.Env = env
	return cmd
}

func shell(t *testing.T, env []string, script string) string {
	t.Helper()
	out, err := command(t.Context(), env, script).CombinedOutput()
	if err != nil {
		t.Fatalf("%v in\n%s\nwhich said\n%s", err, script, out)
	}
	return string(out)
}

// serve runs a server until the test ends, and returns when it answers.
func serve(t *testing.T, env []string, script string) {
	t.Helper()
	cmd := command(context.Background(), env, "exec env "+script)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server did not stop in order: %v", err)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !ready(ctx, "http://"+address(env)+"/readyz") {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("the server never became ready")
		}
	}
}

func ready(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	return res.StatusCode == http.StatusOK
}
