package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// What the module may weigh when it travels, in MB by brotli.
const moduleBudget = 4.5

// benchBrowser measures the browser's half with a server: how big it is, how fast
// it starts, stores and follows.
func benchBrowser(ctx context.Context, b *bench) error {
	if err := inRepository(ctx, "build/assets"); err != nil {
		return err
	}
	module, err := os.Stat("../../web/asset/module/ret.wasm.br")
	if err != nil {
		return err
	}
	b.report(result{
		Name: "browser_module_size", Value: float64(module.Size()) / 1e6, Unit: "MB",
		Floor: "budget", FloorValue: moduleBudget, Allocs: -1,
	})
	// The stores come first and apart: what a browser has just done for another
	// test makes them slower, and the module more than its rivals.
	if err := b.inChromium(ctx, "^TestMeasureBrowserStores$"); err != nil {
		return err
	}
	return b.inChromium(ctx, "^TestMeasureBrowser(Start|Events)$")
}

// benchOffline measures it without a server.
func benchOffline(ctx context.Context, b *bench) error {
	if err := inRepository(ctx, "build/assets"); err != nil {
		return err
	}
	return b.inChromium(ctx, "^TestMeasureOffline")
}

// chromiums are the names that chromedp looks for.
var chromiums = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// inChromium runs those tests of build/browser that measure, with the product as
// it is in the sources.
func (b *bench) inChromium(ctx context.Context, tests string) error {
	if !anyInstalled(chromiums) {
		b.note("there is no Chromium, so nothing is measured in a browser; install it by your system's packages (apt-get install chromium)")
		return nil
	}
	folder, remove, err := workFolder()
	if err != nil {
		return err
	}
	defer remove()
	ret, err := buildRet(ctx, folder)
	if err != nil {
		return err
	}
	pouch, err := pouchDB(ctx)
	if err != nil {
		b.note("PouchDB is not fetched, so nothing is measured beside it: %v", err)
	}
	measured := filepath.Join(folder, "measured")
	cmd := exec.CommandContext(ctx, "go", "test", "-tags", "measure", "-count=1", "-run", tests, "./build/browser")
	cmd.Dir, cmd.Stdout, cmd.Stderr = "../..", b.info, b.info
	cmd.Env = append(os.Environ(), "RET_BINARY="+ret, "RET_MEASURED="+measured, "RET_POUCHDB="+pouch)
	failed := cmd.Run()
	return errors.Join(b.relay(measured), failed)
}

func anyInstalled(names []string) bool {
	for _, name := range names {
		if _, err := exec.LookPath(name); err == nil {
			return true
		}
	}
	return false
}

// relay reports what the tests have written, also what came before one failed.
func (b *bench) relay(file string) error {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	for lines := json.NewDecoder(f); ; {
		var m struct {
			Name, Unit, Rival, Note string
			Value                   float64
			RivalValue              float64 `json:"rival_value"`
		}
		if err := lines.Decode(&m); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read measurements: %w", err)
		}
		if m.Note != "" {
			b.note("%s", m.Note)
			continue
		}
		b.report(result{Name: m.Name, Value: m.Value, Unit: m.Unit, Rival: m.Rival, RivalValue: m.RivalValue, Allocs: -1})
	}
}

const pouchVersion = "9.0.0"

// pouchDB returns the library's file, which npm fetches into a cache folder if it
// is not there.
func pouchDB(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(cache, "ret", "pouchdb-"+pouchVersion)
	file := filepath.Join(folder, "package", "dist", "pouchdb.min.js")
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return "", errors.New("there is no npm")
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	for _, args := range [][]string{
		{"npm", "pack", "--silent", "pouchdb@" + pouchVersion},
		{"tar", "xzf", "pouchdb-" + pouchVersion + ".tgz"},
	} {
		cmd := exec.CommandContext(ctx, args[0], args[1:]...)
		cmd.Dir = folder
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w: %s", args[0], err, out)
		}
	}
	return file, nil
}

// inRepository runs a program of the sources from their root.
func inRepository(ctx context.Context, program string) error {
	cmd := exec.CommandContext(ctx, "./"+program)
	cmd.Dir, cmd.Stdout, cmd.Stderr = "../..", os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", program, err)
	}
	return nil
}
