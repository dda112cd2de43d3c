package main

import (
	"bytes"
	"strings"
	"testing"
)

func runDoctorCommand(t *testing.T, args ...string) (code int, lines []string) {
	t.Helper()
	var out, complaint bytes.Buffer
	code = doctorCommand.run(t.Context(), args, stdio{in: strings.NewReader(""), out: &out, err: &complaint})
	return code, strings.Split(strings.TrimSpace(out.String()), "\n")
}

func TestDoctorSaysOneLineACheck(t *testing.T) {
	t.Chdir(t.TempDir())
	code, lines := runDoctorCommand(t)
	if code != exitOK || len(lines) != 9 {
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
	if code != exitFailed || len(lines) != 9 || !strings.HasPrefix(lines[0], "FAIL  settings") {
		t.Errorf("code %d:\n%s", code, strings.Join(lines, "\n"))
	}
	if code, lines := runDoctorCommand(t, "--workers", "many"); code != exitFailed || len(lines) != 1 {
		t.Errorf("code %d:\n%s", code, strings.Join(lines, "\n"))
	}
}
