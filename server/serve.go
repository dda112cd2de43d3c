package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"

	"ret/server/config"
	"ret/server/rundir"
	"ret/shared/fault"
)

var serveCommand = command{
	name:    "serve",
	usage:   "serve [flags]",
	summary: "runs the server",
	help: `Runs RET as a server: people sign in with a browser, drop ZIPs of XML, watch them
become tables, take them away and sign out; then everything is erased.

Settings are read from flags, the environment, a file of KEY=value lines and a
profile, in this order; --print-config shows each with its value and where that
came from. With no user yet, the first admin is made: with the password in
RET_ADMIN_PASSWORD, or else with a random one that is printed once.

Standard output says where the server listens; the log goes to standard error.
The first interrupt stops the server in order: jobs at work get some seconds to
end and otherwise go on at the next start. A second one ends it at once.`,
	prepare: func(flags *flag.FlagSet) runFunc {
		settings := config.Register(flags)
		printOnly := flags.Bool("print-config", false, "print each setting with its value and origin, and end")
		return func(ctx context.Context, args []string, std stdio) error {
			if len(args) > 0 {
				return wrongUsage("serve takes no arguments, only flags, not %q", args[0])
			}
			loaded, err := settings.Load(os.Environ())
			if err != nil {
				return err
			}
			if *printOnly {
				return loaded.Print(std.out)
			}
			return serve(ctx, loaded, std)
		}
	},
}

// serve runs a server until ctx is done.
func serve(ctx context.Context, loaded config.Loaded, std stdio) (err error) {
	cfg, err := loaded.Config()
	if err != nil {
		return err
	}
	log := newLog(std.err, cfg)
	for _, warning := range loaded.Warnings() {
		log.Warn(warning)
	}
	keepFilesPrivate()
	claim, err := rundir.Take(cfg.RuntimeRoot, cfg.SessionDB)
	if err != nil {
		return err
	}
	defer func() {
		if releaseErr := claim.Release(); err == nil {
			err = releaseErr
		}
	}()
	a, err := newApp(ctx, loaded, cfg, log)
	if err != nil {
		return err
	}
	defer a.close()
	if err := firstAdmin(ctx, a, std); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "RET cannot listen on %s: %v. Choose another address with --addr.", cfg.Addr, err)
	}
	if err := a.start(); err != nil {
		_ = listener.Close()
		return err
	}
	scheme := "http"
	if cfg.TLS() {
		scheme = "https"
	}
	fmt.Fprintf(std.out, "listening on %s://%s\n", scheme, listener.Addr())
	return a.serve(ctx, listener)
}

// firstAdmin makes the first account and says its password, once, if nobody
// chose one.
func firstAdmin(ctx context.Context, a *app, std stdio) error {
	generated, err := a.accounts.EnsureAdmin(ctx, a.cfg.AdminPassword)
	if err != nil || generated == "" {
		return err
	}
	_, err = fmt.Fprintf(std.out, "first start: sign in as admin with the password %s (shown only now; change it on the account page)\n", generated)
	return err
}
