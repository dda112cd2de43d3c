package user

import (
	"bytes"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"ret/server/account"
	"ret/server/command"
	"ret/server/store"
	"ret/shared/fault"
)

// runUserCommand runs "ret user ARGS" with a standard input, in the current folder.
func runUserCommand(t *testing.T, input string, args ...string) (code int, out, complaint string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	std := command.Stdio{In: strings.NewReader(input), Out: &stdout, Err: &stderr}
	code = Command.Run(t.Context(), args, std)
	return code, stdout.String(), stderr.String()
}

func mustRunUser(t *testing.T, input string, args ...string) string {
	t.Helper()
	code, out, complaint := runUserCommand(t, input, args...)
	if code != command.ExitOK {
		t.Fatalf("ret user %s: code %d, %s", strings.Join(args, " "), code, complaint)
	}
	return out
}

// trySignIn reports the kind of failure, "" for none.
func trySignIn(t *testing.T, name, password string) string {
	t.Helper()
	db, err := store.Open("runtime/ret_session.db")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	a := account.New(db, account.Config{MaxAttempts: 100, Lockout: time.Minute})
	if _, _, err = a.SignIn(t.Context(), name, password, netip.IPv6Loopback()); err != nil {
		return fault.KindOf(err).String()
	}
	return ""
}

func TestUserLifeFromTheCommandLine(t *testing.T) {
	t.Chdir(t.TempDir())
	if out := mustRunUser(t, "correct horse\n", "add", "Root", "--role", "admin"); out != "added root (admin)\n" {
		t.Errorf("add: %q", out)
	}
	mustRunUser(t, "battery staple\r\n", "add", "ana")
	if trySignIn(t, "ana", "battery staple") != "" {
		t.Error("ana cannot sign in")
	}
	if out := mustRunUser(t, "", "list"); !strings.Contains(out, "ana   user   active") || !strings.Contains(out, "root  admin  active") {
		t.Errorf("list:\n%s", out)
	}
	mustRunUser(t, "new horse", "passwd", "ANA")
	if trySignIn(t, "ana", "new horse") != "" || trySignIn(t, "ana", "battery staple") == "" {
		t.Error("the password did not change")
	}
	mustRunUser(t, "", "lock", "ana")
	if trySignIn(t, "ana", "new horse") != "signed_out" {
		t.Error("locked, and signed in")
	}
	mustRunUser(t, "", "unlock", "ana")
	mustRunUser(t, "", "role", "ana", "admin")
	mustRunUser(t, "", "role", "root", "--role", "user")
	mustRunUser(t, "", "remove", "root")
	if out := mustRunUser(t, "", "list"); strings.Contains(out, "root") || !strings.Contains(out, "ana   admin  active") {
		t.Errorf("list:\n%s", out)
	}
}

func TestUserRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	mustRunUser(t, "correct horse\n", "add", "root", "--role", "admin")
	for _, tt := range []struct {
		args  string
		input string
		code  int
	}{
		{"", "", command.ExitUsage},
		{"add", "x", command.ExitUsage},
		{"list root", "", command.ExitUsage},
		{"frobnicate root", "", command.ExitUsage},
		{"role root", "", command.ExitUsage},
		{"add ana correct-horse", "x", command.ExitUsage}, // no password in an argument
		{"add ana --nonsense", "x", command.ExitUsage},
		{"add ana", "", command.ExitFailed},
		{"add ana", "short\n", command.ExitFailed},
		{"add root", "correct horse\n", command.ExitFailed},
		{"add ana --role king", "correct horse\n", command.ExitFailed},
		{"lock nobody", "", command.ExitFailed},
		{"lock root", "", command.ExitFailed}, // the last admin
		{"remove root", "", command.ExitFailed},
		{"role root user", "", command.ExitFailed},
	} {
		code, out, complaint := runUserCommand(t, tt.input, strings.Fields(tt.args)...)
		if code != tt.code || out != "" || complaint == "" {
			t.Errorf("ret user %s: code %d, output %q, complaint %q", tt.args, code, out, complaint)
		}
	}
}

func TestUserRefusesOrphanedSessions(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.MkdirAll("runtime/sessions/x", 0o700); err != nil {
		t.Fatal(err)
	}
	if code, _, complaint := runUserCommand(t, "correct horse\n", "add", "ana"); code != command.ExitFailed || !strings.Contains(complaint, "RET_SESSION_DB") {
		t.Errorf("code %d, %q", code, complaint)
	}
}
