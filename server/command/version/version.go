// Package version is "ret version": what this program is, and of what it is made.
package version

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/ncruces/go-sqlite3"

	"ret/server/command"
)

// Command is "ret version".
var Command = command.Command{
	Name:    "version",
	Usage:   "version",
	Summary: "says which version this is, and of what it is made",
	Help:    "Prints RET's version and commit, and the versions of Go and SQLite in it.",
	Prepare: func(*flag.FlagSet) command.Func { return runVersion },
}

func runVersion(_ context.Context, args []string, std command.Stdio) error {
	if len(args) > 0 {
		return command.WrongUsage("there is nothing to say about %q", args[0])
	}
	sqlite, err := sqliteVersion()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.Out, "ret %s\ncommit %s\n%s %s/%s\nSQLite %s\n", Text(), commit(), runtime.Version(), runtime.GOOS, runtime.GOARCH, sqlite)
	return err
}

// release can be set by the linker: -X ret/server/command/version.release=1.2.3.
var release = ""

// Text is the release, or what the module was built as.
func Text() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// commit is the revision that the binary was built from; a "+" says that the tree
// held more than was committed.
func commit() string {
	info, _ := debug.ReadBuildInfo()
	revision, changed := "unknown", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "+"
		}
	}
	return revision + changed
}

func sqliteVersion() (string, error) {
	db, err := sqlite3.Open(":memory:")
	if err != nil {
		return "", fmt.Errorf("open SQLite: %w", err)
	}
	defer db.Close()
	stmt, _, err := db.Prepare("SELECT sqlite_version()")
	if err != nil {
		return "", fmt.Errorf("ask SQLite for its version: %w", err)
	}
	defer stmt.Close()
	stmt.Step()
	return stmt.ColumnText(0), stmt.Err()
}
