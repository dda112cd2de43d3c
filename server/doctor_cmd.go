package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"ret/server/config"
	"ret/server/doctor"
	"ret/shared/fault"
)

var doctorCommand = command{
	name:    "doctor",
	usage:   "doctor [flags]",
	summary: "checks whether RET can work here",
	help: `
Checks the settings, the runtime folder and its rights, both databases, a round
trip through the cache, disk space, clock, key file and assets: one line a check.
It changes nothing and may run beside a server. Ends with 1 if a check fails.

It takes the settings and flags of "ret serve".`,
	prepare: func(flags *flag.FlagSet) runFunc {
		settings := config.Register(flags)
		return func(ctx context.Context, args []string, std stdio) error {
			if len(args) > 0 {
				return wrongUsage("there is nothing to check about %q", args[0])
			}
			return runDoctor(ctx, settings, std)
		}
	},
}

func runDoctor(ctx context.Context, settings *config.Flags, std stdio) error {
	loaded, err := settings.Load(os.Environ())
	if err != nil {
		err = &fault.Error{Kind: fault.Invalid, Message: oneLine(fault.Message(err))}
		return reportFindings(std, []doctor.Finding{{Check: "settings", Err: err}})
	}
	keepFilesPrivate()
	return reportFindings(std, doctor.Examine(ctx, loaded))
}

// reportFindings writes a line a check; errReported if one failed.
func reportFindings(std stdio, findings []doctor.Finding) error {
	var failed error
	for _, f := range findings {
		state, text := "ok", f.Note
		if f.Err != nil {
			state, text, failed = "FAIL", oneLine(sentence(f.Err)), errReported
		}
		if _, err := fmt.Fprintf(std.out, "%-5s %-17s %s\n", state, f.Check, text); err != nil {
			return err
		}
	}
	return failed
}
