package doctor

import (
	"context"
	"flag"
	"fmt"
	"os"

	"ret/server/command"
	"ret/server/config"
	"ret/server/rundir"
	"ret/shared/fault"
)

// Command is "ret doctor".
var Command = command.Command{
	Name:    "doctor",
	Usage:   "doctor [flags]",
	Summary: "checks whether RET can work here",
	Help: `
Checks the settings, the runtime folder and its rights, both databases, a round
trip through the cache, disk space, clock, key file, assets, and the models
where such are set: endpoints are asked for a word: one line a check. It changes
nothing and may run beside a server. Ends with 1 if a check fails.

It takes the settings and flags of "ret serve".`,
	Prepare: func(flags *flag.FlagSet) command.Func {
		settings := config.Register(flags)
		return func(ctx context.Context, args []string, std command.Stdio) error {
			if len(args) > 0 {
				return command.WrongUsage("there is nothing to check about %q", args[0])
			}
			return runDoctor(ctx, settings, std)
		}
	},
}

func runDoctor(ctx context.Context, settings *config.Flags, std command.Stdio) error {
	loaded, err := settings.Load(os.Environ())
	if err != nil {
		err = &fault.Error{Kind: fault.Invalid, Message: command.OneLine(fault.Message(err))}
		return reportFindings(std, []Finding{{Check: "settings", Err: err}})
	}
	rundir.KeepFilesPrivate()
	return reportFindings(std, Examine(ctx, loaded))
}

// reportFindings writes a line a check; command.ErrReported if one failed.
func reportFindings(std command.Stdio, findings []Finding) error {
	var failed error
	for _, f := range findings {
		state, text := "ok", f.Note
		if f.Err != nil {
			state, text, failed = "FAIL", command.OneLine(command.Sentence(f.Err)), command.ErrReported
		}
		if _, err := fmt.Fprintf(std.Out, "%-5s %-17s %s\n", state, f.Check, text); err != nil {
			return err
		}
	}
	return failed
}
