package main

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
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// stdio is what a command reads and writes.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// runFunc does a command's work. args are what is left besides flags. Its error
// becomes a line on standard error and exit code 1; errReported gives the code
// alone, a usageError exit code 2.
type runFunc func(ctx context.Context, args []string, std stdio) error

// command is one word after "ret".
type command struct {
	name    string
	usage   string // what follows "ret"
	summary string // its line in "ret help"
	help    string // the text of "ret help NAME", before the flags

	// prepare defines the command's flags and returns what runs once they are
	// parsed.
	prepare func(flags *flag.FlagSet) runFunc
}

// errReported says that the command has told the person what failed.
var errReported = errors.New("already reported")

// usageError says that the command line makes no sense.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

func wrongUsage(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// run finds the command that args name, runs it and returns the exit code.
func run(ctx context.Context, table []command, args []string, std stdio) int {
	if len(args) == 0 {
		writeOverview(std.err, table)
		return exitUsage
	}
	name, args := args[0], args[1:]
	if name == "help" || name == "-h" || name == "--help" || name == "-help" {
		return runHelp(table, args, std)
	}
	if name == "--version" || name == "-version" {
		name = "version"
	}
	i := slices.IndexFunc(table, func(c command) bool { return c.name == name })
	if i < 0 {
		return unknownCommand(name, std)
	}
	return table[i].run(ctx, args, std)
}

func unknownCommand(name string, std stdio) int {
	fmt.Fprintf(std.err, "ret: there is no command %q. \"ret help\" lists them.\n", name)
	return exitUsage
}

func (c command) run(ctx context.Context, args []string, std stdio) int {
	flags := c.newFlags()
	work := c.prepare(flags)
	args, err := parseAnywhere(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		c.writeHelp(std.out)
		return exitOK
	}
	if err != nil {
		err = wrongUsage("%s", err)
	} else {
		err = work(ctx, args, std)
	}
	return c.exitCode(err, std)
}

func (c command) newFlags() *flag.FlagSet {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	return flags
}

// exitCode reports err, unless that is done, and turns it into a code.
func (c command) exitCode(err error, std stdio) int {
	var usage *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		fmt.Fprintf(std.err, "ret %s: %s\nusage: ret %s\n\"ret help %s\" says more.\n", c.name, usage.message, c.usage, c.name)
		return exitUsage
	case !errors.Is(err, errReported):
		fmt.Fprintf(std.err, "ret %s: %s\n", c.name, sentence(err))
	}
	return exitFailed
}

// sentence is what a person at a terminal reads: the message meant for people, or
// all there is, since the machine is theirs.
func sentence(err error) string {
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

func runHelp(table []command, args []string, std stdio) int {
	if len(args) == 0 {
		writeOverview(std.out, table)
		return exitOK
	}
	i := slices.IndexFunc(table, func(c command) bool { return c.name == args[0] })
	if i < 0 {
		return unknownCommand(args[0], std)
	}
	table[i].writeHelp(std.out)
	return exitOK
}

const overview = `RET turns XML into tables, losslessly: as a private workbench in the browser,
or on files without a server.

Usage: ret COMMAND [flags] [arguments]

`

func writeOverview(w io.Writer, table []command) {
	fmt.Fprint(w, overview)
	for _, c := range table {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.summary)
	}
	fmt.Fprintf(w, "  %-10s %s\n", "help", "explains a command: ret help COMMAND")
	fmt.Fprint(w, "\nExit codes: 0 all went well, 1 something failed, 2 wrong usage.\n")
}

func (c command) writeHelp(w io.Writer) {
	fmt.Fprintf(w, "ret %s %s\n\nUsage: ret %s\n\n%s\n", c.name, c.summary, c.usage, strings.TrimSpace(c.help))
	flags := c.newFlags()
	c.prepare(flags)
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
