// Package command runs the command that a command line names: with its flags, its help,
// its exit code.
//
// The commands themselves stand in the packages below; package main lists them.
package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"ret/shared/fault"
)

// Exit codes of ret.
const (
	ExitOK     = 0
	ExitFailed = 1
	ExitUsage  = 2
)

// Stdio is what a command reads and writes.
type Stdio struct {
	In       io.Reader
	Out, Err io.Writer
}

// Func does a command's work. args are what is left besides flags. Its error
// becomes a line on standard error and exit code 1; ErrReported gives the code
// alone, a usageError exit code 2.
type Func func(ctx context.Context, args []string, std Stdio) error

// Command is one word after "ret".
type Command struct {
	Name    string
	Usage   string // what follows "ret"
	Summary string // its line in "ret help"
	Help    string // the text of "ret help NAME", before the flags

	// Prepare defines the command's flags and returns what runs once they are
	// parsed.
	Prepare func(flags *flag.FlagSet) Func
}

// ErrReported says that the command has told the person what failed.
var ErrReported = errors.New("already reported")

// usageError says that the command line makes no sense.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

// WrongUsage is the error of a command line that makes no sense; the message follows
// the command's name.
func WrongUsage(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// Run finds the command that args name, runs it and returns the exit code.
func Run(ctx context.Context, table []Command, args []string, std Stdio) int {
	if len(args) == 0 {
		writeOverview(std.Err, table)
		return ExitUsage
	}
	name, args := args[0], args[1:]
	if name == "help" || name == "-h" || name == "--help" || name == "-help" {
		return runHelp(table, args, std)
	}
	if name == "--version" || name == "-version" {
		name = "version"
	}
	i := slices.IndexFunc(table, func(c Command) bool { return c.Name == name })
	if i < 0 {
		return unknownCommand(name, std)
	}
	return table[i].Run(ctx, args, std)
}

func unknownCommand(name string, std Stdio) int {
	fmt.Fprintf(std.Err, "ret: there is no command %q. \"ret help\" lists them.\n", name)
	return ExitUsage
}

// Run parses the flags, does the command's work and returns the exit code.
func (c Command) Run(ctx context.Context, args []string, std Stdio) int {
	flags := c.newFlags()
	work := c.Prepare(flags)
	args, err := parseAnywhere(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		c.writeHelp(std.Out)
		return ExitOK
	}
	if err != nil {
		err = WrongUsage("%s", err)
	} else {
		err = work(ctx, args, std)
	}
	return c.exitCode(err, std)
}

func (c Command) newFlags() *flag.FlagSet {
	flags := flag.NewFlagSet(c.Name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	return flags
}

// exitCode reports err, unless that is done, and turns it into a code.
func (c Command) exitCode(err error, std Stdio) int {
	var usage *usageError
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &usage):
		fmt.Fprintf(std.Err, "ret %s: %s\nusage: ret %s\n\"ret help %s\" says more.\n", c.Name, usage.message, c.Usage, c.Name)
		return ExitUsage
	case !errors.Is(err, ErrReported):
		fmt.Fprintf(std.Err, "ret %s: %s\n", c.Name, Sentence(err))
	}
	return ExitFailed
}

// Sentence is what a person at a terminal reads: the message meant for people, or
// all there is, since the machine is theirs.
func Sentence(err error) string {
	if known, ok := errors.AsType[*fault.Error](err); ok && known.Kind != fault.Internal {
		return known.Message
	}
	if errors.Is(err, context.Canceled) {
		return "interrupted"
	}
	return err.Error()
}

// parseAnywhere parses flags wherever they stand among the arguments, until "--".
func parseAnywhere(flags *flag.FlagSet, args []string) ([]string, error) {
	var rest []string
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		left := flags.Args()
		if len(left) == 0 {
			return rest, nil
		}
		if parsed := len(args) - len(left); parsed > 0 && args[parsed-1] == "--" {
			return append(rest, left...), nil
		}
		rest, args = append(rest, left[0]), left[1:]
	}
}

func runHelp(table []Command, args []string, std Stdio) int {
	if len(args) == 0 {
		writeOverview(std.Out, table)
		return ExitOK
	}
	i := slices.IndexFunc(table, func(c Command) bool { return c.Name == args[0] })
	if i < 0 {
		return unknownCommand(args[0], std)
	}
	table[i].writeHelp(std.Out)
	return ExitOK
}

const overview = `RET turns XML into tables, losslessly: as a private workbench in the browser,
or on files without a server.

Usage: ret COMMAND [flags] [arguments]

`

func writeOverview(w io.Writer, table []Command) {
	fmt.Fprint(w, overview)
	for _, c := range table {
		fmt.Fprintf(w, "  %-10s %s\n", c.Name, c.Summary)
	}
	fmt.Fprintf(w, "  %-10s %s\n", "help", "explains a command: ret help COMMAND")
	fmt.Fprint(w, "\nExit codes: 0 all went well, 1 something failed, 2 wrong usage.\n")
}

func (c Command) writeHelp(w io.Writer) {
	fmt.Fprintf(w, "ret %s %s\n\nUsage: ret %s\n\n%s\n", c.Name, c.Summary, c.Usage, strings.TrimSpace(c.Help))
	flags := c.newFlags()
	c.Prepare(flags)
	first := true
	flags.VisitAll(func(f *flag.Flag) {
		if first {
			fmt.Fprint(w, "\nFlags:\n")
			first = false
		}
		writeFlag(w, f)
	})
}

func writeFlag(w io.Writer, f *flag.Flag) {
	value, usage := flag.UnquoteUsage(f)
	dashes := "--"
	if len(f.Name) == 1 {
		dashes = "-"
	}
	label := strings.TrimSpace(dashes + f.Name + " " + value)
	fmt.Fprintf(w, "  %-22s %s\n", label, strings.ReplaceAll(usage, "\n", "\n"+strings.Repeat(" ", 25)))
}
