// Command ret turns XML into tables: as a server for people in a browser, or on
// files without one. Each command stands in a file of its own; this one says
// which there are.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// commands are listed by "ret help" in this order.
func commands() []command {
	return []command{
		serveCommand,
		convertCommand,
		inspectCommand,
		userCommand,
		doctorCommand,
		versionCommand,
	}
}

func main() {
	// The first signal asks to stop in order; a second one ends the process.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	code := run(ctx, commands(), os.Args[1:], stdio{in: os.Stdin, out: os.Stdout, err: os.Stderr})
	stop()
	os.Exit(code)
}
