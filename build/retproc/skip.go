package retproc

import (
	"fmt"
	"os"
	"testing"
)

// Skip skips a test for want of a tool or a right, and names what is left out in the
// file that SKIPPED_LIST names, which make test shows in its last line. Where
// CI=true the test fails instead.
func Skip(t testing.TB, what string) {
	t.Helper()
	if err := note(what); err != nil {
		t.Error(err)
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("cannot be tested here: " + what)
	}
	t.Skip(what)
}

func note(what string) error {
	path := os.Getenv("SKIPPED_LIST")
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = fmt.Fprintln(f, what)
	return err
}
