// Command ret turns XML into tables: as a server for people in a browser, or on
// files without one. Each command stands in a file of its own; this one says
// which there are.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"ret/server/command"
	"ret/server/command/converter"
	"ret/server/command/doctor"
	"ret/server/command/key"
	"ret/server/command/receipts"
	"ret/server/command/user"
	"ret/server/command/version"
)

// commands are listed by "ret help" in this order.
func commands() []command.Command {
	return []command.Command{
		serveCommand,
		converter.Convert,
		converter.Inspect,
		converter.Query,
		user.Command,
		receipts.Command,
		key.Command,
		doctor.Command,
		version.Command,
	}
}

func main() {
	// The first signal asks to stop in order; a second one ends the process.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	code := command.Run(ctx, commands(), os.Args[1:], command.Stdio{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
}
