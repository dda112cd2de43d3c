// Package key is "ret key": the master key, exchanged.
package key

import (
	"context"
	"flag"
	"fmt"
	"os"

	"ret/server/command"
	"ret/server/config"
	"ret/server/files"
	"ret/server/keys"
)

// Command is "ret key".
var Command = command.Command{
	Name:    "key",
	Usage:   "key rotate",
	Summary: "exchanges the master key",
	Help: `
  ret key rotate   makes a new master key and wraps all sessions' keys with it

What the sessions hold is not touched: it is encrypted by their own keys, of which
only the wrapping changes. It works beside a running server. The old master key is
overwritten; a copy of it that lies somewhere else opens nothing of this RET any more,
but together with an older copy of the runtime folder it opens that. A rotation that
was cut off is ended by the next one, and all can be read meanwhile.`,
	Prepare: func(flags *flag.FlagSet) command.Func {
		settings := config.Register(flags)
		return func(_ context.Context, args []string, std command.Stdio) error {
			if len(args) != 1 || args[0] != "rotate" {
				return command.WrongUsage("key can rotate; say: ret key rotate")
			}
			loaded, err := settings.Load(os.Environ())
			if err != nil {
				return err
			}
			return rotate(loaded.Unchecked(), std)
		}
	},
}

func rotate(cfg config.Config, std command.Stdio) error {
	rotation, err := keys.Rotate(cfg.MasterKeyFile)
	if err != nil {
		return err
	}
	n, err := files.Rewrap(cfg.RuntimeRoot, rotation)
	if err != nil {
		return err
	}
	if err := rotation.Finish(); err != nil {
		return err
	}
	fmt.Fprintf(std.Out, "the master key is new; sessions' keys wrapped anew: %d\n", n)
	return nil
}
