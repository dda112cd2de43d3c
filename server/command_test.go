package main

import (
	"bytes"
	"strings"
	"testing"

	"ret/server/command"
)

// ret runs a command line as a shell would and returns what it printed.
func ret(t *testing.T, args ...string) (code int, out, errOut string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = command.Run(t.Context(), commands(), args, command.Stdio{In: strings.NewReader(""), Out: &stdout, Err: &stderr})
	return code, stdout.String(), stderr.String()
}

func TestHelpExplainsEveryCommand(t *testing.T) {
	_, overview, _ := ret(t, "help")
	for _, c := range commands() {
		if !strings.Contains(overview, c.Name) {
			t.Errorf("the overview lacks %s", c.Name)
		}
		for _, args := range [][]string{{"help", c.Name}, {c.Name, "--help"}} {
			code, out, _ := ret(t, args...)
			if code != command.ExitOK || !strings.Contains(out, "Usage: ret "+c.Usage) {
				t.Errorf("%q: code %d, printed %q", args, code, out)
			}
		}
	}
}

func TestVersionNamesItsParts(t *testing.T) {
	code, out, _ := ret(t, "version")
	for _, part := range []string{"ret ", "commit ", "go1.", "SQLite 3."} {
		if code != command.ExitOK || !strings.Contains(out, part) {
			t.Errorf("code %d, printed %q without %q", code, out, part)
		}
	}
}
