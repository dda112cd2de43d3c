// Package user is "ret user": accounts managed at a terminal, beside a running server.
package user

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"ret/server/account"
	"ret/server/command"
	"ret/server/config"
	"ret/server/rundir"
	"ret/server/store"
	"ret/shared/sqlite"
)

// Command is "ret user".
var Command = command.Command{
	Name:    "user",
	Usage:   "user add|list|passwd|lock|unlock|role|remove [NAME] [flags]",
	Summary: "manages accounts",
	Help: `
  ret user add NAME [--role admin]   adds a user
  ret user list                      lists all users
  ret user passwd NAME               sets a new password
  ret user lock NAME                 lets nobody sign in with it any more
  ret user unlock NAME               lets them again
  ret user role NAME user|admin      changes what a user may do
  ret user remove NAME               removes a user

A name has 3 to 64 letters a-z, digits, dots, dashes or underscores; capitals
become small ones. A password is asked for at the terminal, or without one read
from a line of standard input; it is never an argument, which others could see.

It works beside a running server, which ends the sessions of a locked, removed
or re-passworded user within a second and erases what they hold. The last admin
can be neither removed, nor locked, nor demoted.`,
	Prepare: prepareUser,
}

// userWork is one "ret user" at work.
type userWork struct {
	accounts *account.Accounts
	std      command.Stdio
	role     string
}

// userAction does something about the user that is named.
type userAction func(w *userWork, ctx context.Context, name string) error

var userActions = map[string]userAction{
	"add":    (*userWork).add,
	"passwd": (*userWork).passwd,
	"role":   (*userWork).setRole,
	"lock":   (*userWork).lock,
	"unlock": (*userWork).unlock,
	"remove": (*userWork).remove,
}

func prepareUser(flags *flag.FlagSet) command.Func {
	settings := config.Register(flags, "RET_RUNTIME_ROOT", "RET_SESSION_DB")
	role := flags.String("role", "", "the new user's `ROLE`, user or admin")
	return func(ctx context.Context, args []string, std command.Stdio) error {
		do, name, err := parseUser(args, role)
		if err != nil {
			return err
		}
		db, err := openAccounts(settings)
		if err != nil {
			return err
		}
		defer db.Close()
		work := &userWork{accounts: account.New(db, account.Config{}), std: std, role: *role}
		return do(work, ctx, name)
	}
}

// parseUser finds the action and the name that args hold; the new role may stand
// among them.
func parseUser(args []string, role *string) (userAction, string, error) {
	if len(args) == 1 && args[0] == "list" {
		return (*userWork).list, "", nil
	}
	if len(args) == 3 && args[0] == "role" && *role == "" {
		*role, args = args[2], args[:2]
	}
	if len(args) != 2 || userActions[args[0]] == nil {
		return nil, "", command.WrongUsage("say what to do, and the user's name")
	}
	if args[0] == "role" && *role == "" {
		return nil, "", command.WrongUsage("say which role, user or admin")
	}
	return userActions[args[0]], args[1], nil
}

// openAccounts opens the central database, which a server may be using.
func openAccounts(settings *config.Flags) (*sqlite.DB, error) {
	loaded, err := settings.Load(os.Environ())
	if err != nil {
		return nil, err
	}
	rundir.KeepFilesPrivate()
	cfg := loaded.Unchecked()
	if err := rundir.Make(cfg.RuntimeRoot); err != nil {
		return nil, err
	}
	if err := rundir.CheckOrphans(cfg.RuntimeRoot, cfg.SessionDB); err != nil {
		return nil, err
	}
	return store.Open(cfg.SessionDB)
}

func (w *userWork) list(ctx context.Context, _ string) error {
	tab := tabwriter.NewWriter(w.std.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tab, "NAME\tROLE\tSTATE\tADDED\tLAST SIGN-IN")
	const page = 100
	for after := ""; ; {
		users, err := w.accounts.List(ctx, after, page)
		if err != nil {
			return err
		}
		for _, u := range users {
			fmt.Fprintf(tab, "%s\t%s\t%s\t%s\t%s\n", u.Name, u.Role, stateOf(u), day(u.CreatedAt), day(u.LastSignInAt))
			after = u.Name
		}
		if len(users) < page {
			return tab.Flush()
		}
	}
}

func stateOf(u store.User) string {
	if u.Locked {
		return "locked"
	}
	return "active"
}

func day(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Format(time.DateOnly)
}

func (w *userWork) add(ctx context.Context, name string) error {
	if w.role == "" {
		w.role = string(store.RoleUser)
	}
	password, err := w.newPassword(ctx, name)
	if err != nil {
		return err
	}
	u, err := w.accounts.Add(ctx, store.CommandLine, name, password, store.Role(w.role))
	if err != nil {
		return err
	}
	return w.say("added %s (%s)", u.Name, u.Role)
}

func (w *userWork) passwd(ctx context.Context, name string) error {
	u, err := w.accounts.ByName(ctx, name)
	if err != nil {
		return err
	}
	password, err := w.newPassword(ctx, u.Name)
	if err != nil {
		return err
	}
	if err := w.accounts.SetPassword(ctx, store.CommandLine, u.ID, password); err != nil {
		return err
	}
	return w.say("%s has a new password; sessions with the old one end", u.Name)
}

func (w *userWork) setRole(ctx context.Context, name string) error {
	return w.change(ctx, name, "is "+w.role+" now", func(id string) error {
		return w.accounts.SetRole(ctx, store.CommandLine, id, store.Role(w.role))
	})
}

func (w *userWork) lock(ctx context.Context, name string) error {
	return w.change(ctx, name, "is locked; all sessions end", func(id string) error {
		return w.accounts.SetLocked(ctx, store.CommandLine, id, true)
	})
}

func (w *userWork) unlock(ctx context.Context, name string) error {
	return w.change(ctx, name, "can sign in again", func(id string) error {
		return w.accounts.SetLocked(ctx, store.CommandLine, id, false)
	})
}

func (w *userWork) remove(ctx context.Context, name string) error {
	return w.change(ctx, name, "is removed; all sessions end", func(id string) error {
		return w.accounts.Remove(ctx, store.CommandLine, id)
	})
}

// change finds the user, changes the account and says what happened.
func (w *userWork) change(ctx context.Context, name, happened string, do func(id string) error) error {
	u, err := w.accounts.ByName(ctx, name)
	if err != nil {
		return err
	}
	if err := do(u.ID); err != nil {
		return err
	}
	return w.say("%s %s", u.Name, happened)
}

func (w *userWork) newPassword(ctx context.Context, name string) (string, error) {
	return readPassword(ctx, w.std, "New password for "+strings.ToLower(name)+": ")
}

func (w *userWork) say(format string, args ...any) error {
	_, err := fmt.Fprintf(w.std.Out, format+"\n", args...)
	return err
}
