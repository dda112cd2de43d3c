// Command wasm builds the browser's module for web/asset to embed: compressed by
// brotli and gzip, with the JavaScript half of the same toolchain's runtime. It
// does nothing if the module is newer than all it is made of, takes what an earlier build
// has compressed (kept.go), and fails if the module has grown over its budget. With QUICK=1
// it compresses less and holds no budget: for trying changes out, not for a release.
package main

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	output = "web/asset/module"

	// budgetBytes is what the module may have when it travels.
	budgetBytes = 4_500_000

	// brotliLevel is the highest: it takes a minute and saves an eighth of what
	// level 9 makes.
	brotliLevel = 11

	// quickLevel is for trying a change out: QUICK=1 in the environment takes it.
	quickLevel = 4
)

// sources are what the module is made of.
var sources = []string{"go.mod", "wasm", "shared", "web/page", "web/view", "build/wasm", "build/engine.pgo", "third_party"}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "build module:", err)
		os.Exit(1)
	}
}

func run() error {
	fresh, err := isFresh()
	if err != nil || fresh {
		return err
	}
	module, err := compile()
	if err != nil {
		return err
	}
	level := brotliLevel
	quick := os.Getenv("QUICK") == "1"
	if quick {
		level = quickLevel
	}
	small, err := byBrotli(keptFolder(), module, level)
	if err != nil {
		return err
	}
	fmt.Printf("browser's module: %.2f MB, %.2f MB by brotli, of %.2f MB\n", mega(len(module)), mega(len(small)), mega(budgetBytes))
	if len(small) > budgetBytes && !quick {
		return errors.New("the module is over its budget: find what has got into it by `go list -deps`")
	}
	common, err := compress(module, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	if err != nil {
		return err
	}
	if err := errors.Join(write("ret.wasm.br", small), write("ret.wasm.gz", common)); err != nil {
		return err
	}
	return copyRuntime()
}

func mega(bytes int) float64 { return float64(bytes) / 1e6 }

// isFresh reports whether the module is newer than its sources; tests do not
// count.
func isFresh() (bool, error) {
	built, err := os.Stat(filepath.Join(output, "wasm_exec.js")) // written last
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	newest, err := newestSource()
	return built.ModTime().After(newest), err
}

func newestSource() (newest time.Time, err error) {
	for _, root := range sources {
		err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") {
				return err
			}
			info, err := d.Info()
			if err == nil && info.ModTime().After(newest) {
				newest = info.ModTime()
			}
			return err
		})
		if err != nil {
			return newest, err
		}
	}
	return newest, nil
}

// flagsText says with which flags Go compiles the module, and why.
//
//go:embed flags
var flagsText string

// flags are those of flagsText.
func flags() (list []string) {
	for line := range strings.Lines(flagsText) {
		if strings.HasPrefix(line, "-") {
			list = append(list, strings.TrimSpace(line))
		}
	}
	return list
}

// compile builds the module without symbols, which browsers do not need, and without the name
// of the commit: the same sources make the same module.
func compile() ([]byte, error) {
	folder, err := os.MkdirTemp("", "ret-module")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "ret.wasm")
	cmd := exec.Command("go", slices.Concat([]string{"build", "-buildvcs=false", "-ldflags", "-s -w"}, flags(), []string{"-o", path, "./wasm"})...)
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("compile: %w", err)
	}
	return os.ReadFile(path)
}

func compress(content []byte, open func(io.Writer) io.WriteCloser) ([]byte, error) {
	var out bytes.Buffer
	w := open(&out)
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func write(name string, content []byte) error {
	return os.WriteFile(filepath.Join(output, name), content, 0o644)
}

// copyRuntime takes the runtime of the toolchain that compiled the module.
func copyRuntime() error {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("find toolchain: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(output, "wasm_exec.js"), text, 0o644)
}
