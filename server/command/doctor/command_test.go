package doctor

import (
	"bytes"
	"strings"
	"testing"

	"ret/server/command"
)

func runDoctorCommand(t *testing.T, args ...string) (code int, lines []string) {
	t.Helper()
	var out, complaint bytes.Buffer
	code = Command.Run(t.Context(), args, command.Stdio{In: strings.NewReader(""), Out: &out, Err: &complaint})
	return code, strings.Split(strings.TrimSpace(out.String()), "\n")
}

func TestDoctorSaysOneLineACheck(t *testing.T) {
	t.Chdir(t.TempDir())
	code, lines := runDoctorCommand(t)
	if code != command.ExitOK || len(lines) != 12 {
		t.Errorf("code %d:\n%s", code, strings.Join(lines, "\n"))
	}
	for _, l := range lines {
		if !strings.HasPrefix(l, "ok ") {
			t.Errorf("line %q", l)
		}
	}
}

func TestDoctorFailsIfOneCheckDoes(t *testing.T) {
	t.Chdir(t.TempDir())
	code, lines := runDoctorCommand(t, "--env", "production")
	if code != command.ExitFailed || len(lines) != 12 || !strings.HasPrefix(lines[0], "FAIL  settings") {
		t.Errorf("code %d:\n%s", code, strings.Join(lines, "\n"))
	}
	if code, lines := runDoctorCommand(t, "--workers", "many"); code != command.ExitFailed || len(lines) != 1 {
		t.Errorf("code %d:\n%s", code, strings.Join(lines, "\n"))
	}
}
