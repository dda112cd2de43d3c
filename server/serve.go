package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"

	"ret/server/app"
	"ret/server/command"
	"ret/server/command/version"
	"ret/server/config"
	"ret/server/rundir"
	"ret/shared/fault"
)

var serveCommand = command.Command{
	Name:    "serve",
	Usage:   "serve [flags]",
	Summary: "runs the server",
	Help: `Runs RET as a server: people sign in with a browser, drop ZIPs of XML, watch them
become tables, take them away and sign out; then everything is erased.

Settings are read from flags, the environment, a file of KEY=value lines and a
profile, in this order; --print-config shows each with its value and where that
came from. With no user yet, the first admin is made: with the password in
RET_ADMIN_PASSWORD, or else with a random one that is printed once.

Standard output says where the server listens; the log goes to standard error.
The first interrupt stops the server in order: jobs at work get some seconds to
end and otherwise go on at the next start. A second one ends it at once.`,
	Prepare: func(flags *flag.FlagSet) command.Func {
		settings := config.Register(flags)
		printOnly := flags.Bool("print-config", false, "print each setting with its value and origin, and end")
		return func(ctx context.Context, args []string, std command.Stdio) error {
			if len(args) > 0 {
				return command.WrongUsage("serve takes no arguments, only flags, not %q", args[0])
			}
			loaded, err := settings.Load(os.Environ())
			if err != nil {
				return err
			}
			if *printOnly {
				return loaded.Print(std.Out)
			}
			return serve(ctx, loaded, std)
		}
	},
}

// serve runs a server until ctx is done.
func serve(ctx context.Context, loaded config.Loaded, std command.Stdio) (err error) {
	cfg, err := loaded.Config()
	if err != nil {
		return err
	}
	log := newLog(std.Err, cfg)
	for _, warning := range loaded.Warnings() {
		log.Warn(warning)
	}
	rundir.KeepFilesPrivate()
	if err := rundir.KeepMemoryPrivate(); err != nil {
		log.Warn("core dumps of this process are not forbidden: they would hold keys", "err", err)
	}
	claim, err := rundir.Take(cfg.RuntimeRoot, cfg.SessionDB)
	if err != nil {
		return err
	}
	defer func() {
		if releaseErr := claim.Release(); err == nil {
			err = releaseErr
		}
	}()
	a, err := app.New(ctx, loaded, cfg, version.Text(), log)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := firstAdmin(ctx, a, std); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "RET cannot listen on %s: %v. Choose another address with --addr.", cfg.Addr, err)
	}
	if err := a.Start(); err != nil {
		_ = listener.Close()
		return err
	}
	scheme := "http"
	if cfg.TLS() {
		scheme = "https"
	}
	fmt.Fprintf(std.Out, "listening on %s://%s\n", scheme, listener.Addr())
	return a.Serve(ctx, listener)
}

// firstAdmin makes the first account and says its password, once, if nobody
// chose one.
func firstAdmin(ctx context.Context, a *app.App, std command.Stdio) error {
	generated, err := a.FirstAdmin(ctx)
	if err != nil || generated == "" {
		return err
	}
	_, err = fmt.Fprintf(std.Out, "first start: sign in as admin with the password %s (shown only now; change it on the account page)\n", generated)
	return err
}

// newLog makes the server's log.
func newLog(w io.Writer, cfg config.Config) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.LogLevel)); err != nil {
		level = slog.LevelInfo // config has checked it
	}
	options := &slog.HandlerOptions{Level: level}
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
