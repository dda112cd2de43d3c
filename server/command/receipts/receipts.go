// Package receipts is "ret receipt": receipts of erased sessions, checked and listed.
package receipts

import (
	"context"
	"crypto/ed25519"
	"flag"
	"fmt"
	"io"
	"os"

	"ret/server/command"
	"ret/server/config"
	"ret/server/keys"
	"ret/server/receipt"
	"ret/server/store"
	"ret/shared/fault"
)

// Command is "ret receipt".
var Command = command.Command{
	Name:    "receipt",
	Usage:   "receipt verify FILE... | receipt log",
	Summary: "checks the receipts of erased sessions, or prints all of them",
	Help: `
  ret receipt verify FILE...   checks receipts, without a network or a server
  ret receipt log              prints all receipts of this RET, one a line

A FILE holds one receipt as the page saves it, the answer to POST /api/v1/logout, or
what "ret receipt log" printed; "-" is standard input. Each signature is checked with
the public key beside the master key, or with the one that --key names. Each receipt
holds the hash of the one before it, so a log is refused too if a receipt is left out
of it. Ends with 1 if one is not right.`,
	Prepare: prepare,
}

func prepare(flags *flag.FlagSet) command.Func {
	settings := config.Register(flags)
	key := flags.String("key", "", "file of the public key that checks receipts")
	return func(ctx context.Context, args []string, std command.Stdio) error {
		if len(args) == 0 {
			return command.WrongUsage("say what to do: verify or log")
		}
		loaded, err := settings.Load(os.Environ())
		if err != nil {
			return err
		}
		cfg := loaded.Unchecked()
		switch args[0] {
		case "verify":
			if *key == "" {
				*key = keys.PublicFile(cfg.MasterKeyFile)
			}
			return verify(args[1:], *key, std)
		case "log":
			if len(args) > 1 {
				return command.WrongUsage("log takes no arguments, not %q", args[1])
			}
			return log(ctx, cfg, std)
		default:
			return command.WrongUsage("receipt can verify or log, not %q", args[0])
		}
	}
}

// verify says a line for each file and fails if one is not right.
func verify(files []string, keyFile string, std command.Stdio) error {
	if len(files) == 0 {
		return command.WrongUsage("name the files with the receipts to verify")
	}
	key, err := keys.ReadPublic(keyFile)
	if err != nil {
		return err
	}
	wrong := 0
	for _, name := range files {
		n, err := verifyFile(name, key, std)
		if err != nil {
			wrong++
			fmt.Fprintf(std.Out, "%s: %s\n", name, fault.Message(err))
			continue
		}
		fmt.Fprintf(std.Out, "%s: right, receipts: %d\n", name, n)
	}
	if wrong > 0 {
		return fault.New(fault.Invalid, "%d of %d files hold no right receipts.", wrong, len(files))
	}
	return nil
}

// maxDocument bounds what is read of a file: a log of some hundred thousand receipts.
const maxDocument = 256 << 20

func verifyFile(name string, key ed25519.PublicKey, std command.Stdio) (int, error) {
	document, err := read(name, std)
	if err != nil {
		return 0, fault.Wrap(fault.Invalid, err, "The file cannot be read.")
	}
	return receipt.Check(document, key)
}

func read(name string, std command.Stdio) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(std.In, maxDocument))
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(io.LimitReader(file, maxDocument))
}

func log(ctx context.Context, cfg config.Config, std command.Stdio) (err error) {
	if _, err := os.Stat(cfg.SessionDB); err != nil {
		return fault.Wrap(fault.NotFound, err, "There is no database of sessions at %s (RET_SESSION_DB) yet.", cfg.SessionDB)
	}
	db, err := store.Open(cfg.SessionDB)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := db.Close(); err == nil {
			err = closeErr
		}
	}()
	return receipt.Log(ctx, db, func(text []byte) error {
		_, err := fmt.Fprintf(std.Out, "%s\n", text)
		return err
	})
}
