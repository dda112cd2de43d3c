package retproc

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// run runs a script of build with nothing but what a shell needs.
func run(t *testing.T, env []string, script string, args ...string) (out string, err error) {
	t.Helper()
	bin := t.TempDir()
	for _, tool := range []string{"sh", "dirname", "rm", "sort", "paste", "sed"} {
		path, err := exec.LookPath(tool)
		if err == nil {
			err = os.Symlink(path, filepath.Join(bin, tool))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join("..", script), args...)
	cmd.Env = append([]string{"PATH=" + bin, "HOME=" + t.TempDir()}, env...)
	text, err := cmd.CombinedOutput()
	return string(text), err
}

// Checks for which a tool is missing do not just pass: what they leave out stands in
// the last line of make test, and is a failure in CI.
func TestWhatIsSkippedIsSaid(t *testing.T) {
	list := "SKIPPED_LIST=" + filepath.Join(t.TempDir(), "list")
	scripts := map[string]string{"conformance": "W3C suite", "check-js": "pages' scripts", "test-wasm": "js/wasm"}
	for script := range scripts {
		if out, err := run(t, []string{list}, script); err != nil {
			t.Errorf("%s: %v: %s", script, err, out)
		}
		if out, err := run(t, []string{list, "CI=true"}, script); err == nil {
			t.Errorf("%s passes in CI: %s", script, out)
		}
	}
	out, err := run(t, []string{list}, "skipped", "say")
	if err != nil || strings.Count(out, "\n") != 1 {
		t.Errorf("said: %q, %v", out, err)
	}
	for script, what := range scripts {
		if strings.Count(out, what) != 1 {
			t.Errorf("%s is not named once in %q", script, out)
		}
	}
	if out, err := run(t, []string{list, "CI=true"}, "skipped", "say"); err == nil {
		t.Errorf("a run in CI with something skipped passes: %s", out)
	}
	for _, args := range [][]string{{"begin"}, {"say"}} {
		if out, err := run(t, []string{list, "CI=true"}, "skipped", args...); err != nil || out != "" {
			t.Errorf("%v: %q, %v", args, out, err)
		}
	}
}

// Browser tests that are not there are an error, not a run without faults.
func TestMissingBrowserTestsAreAnError(t *testing.T) {
	script, err := os.ReadFile(filepath.Join("..", "test-browser"))
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(t.TempDir(), "build", "test-browser")
	if err := os.Mkdir(filepath.Dir(copied), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied, script, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), copied)
	cmd.Env = append(os.Environ(), "GO=true") // nothing else is at fault
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "build/browser is missing") {
		t.Errorf("%v: %s", err, out)
	}
}
