package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ret/build/resident"
)

// program is a command that is measured as a whole process.
type program struct {
	path string
	args []string
	env  []string // added to ours
}

// installedProgram finds a rival by its name.
func installedProgram(name string, args ...string) (p program, installed bool) {
	path, err := exec.LookPath(name)
	return program{path: path, args: args}, err == nil
}

// processRuns is what the runs of one program took.
type processRuns struct {
	times    []time.Duration
	resident int64 // bytes, the most of all runs
}

// seconds is the median.
func (r processRuns) seconds() float64 {
	slices.Sort(r.times)
	return r.times[len(r.times)/2].Seconds()
}

func (r processRuns) residentMB() float64 { return float64(r.resident) / 1e6 }

// turns runs two programs turn by turn, the second only if it has a path.
func turns(ctx context.Context, one, other program) (a, b processRuns, err error) {
	for range rounds {
		if err := a.add(ctx, one); err != nil {
			return a, b, err
		}
		if other.path == "" {
			continue
		}
		if err := b.add(ctx, other); err != nil {
			return a, b, err
		}
	}
	return a, b, nil
}

func (r *processRuns) add(ctx context.Context, p program) error {
	cmd := exec.CommandContext(ctx, p.path, p.args...)
	cmd.Env = append(os.Environ(), p.env...)
	start := time.Now()
	peak, output, err := resident.Run(cmd)
	if err != nil {
		return fmt.Errorf("run %s: %w: %s", filepath.Base(p.path), err, output)
	}
	r.times = append(r.times, time.Since(start))
	r.resident = max(r.resident, peak)
	return nil
}

// buildRet builds the product from the sources beside this module, as `make build` does.
func buildRet(ctx context.Context, folder string, tags ...string) (string, error) {
	path := filepath.Join(folder, "ret")
	profile, err := filepath.Abs("../engine.pgo")
	if err != nil {
		return "", err
	}
	return path, goBuild(ctx, nil, "-C", "../..", "-gcflags=ret/shared/xmltable=-pgoprofile="+profile, "-tags", strings.Join(tags, ","), "-o", path, "./server")
}

// runInNode builds a program of this module for js/wasm and returns what it
// prints, or nothing if there is no node.
func runInNode(ctx context.Context, folder, pkg string) (string, error) {
	if _, err := exec.LookPath("node"); err != nil {
		return "", nil
	}
	path := filepath.Join(folder, filepath.Base(pkg)+".wasm")
	// As the browser's module is compiled, SQLite apart, which no such program has.
	if err := goBuild(ctx, []string{"GOOS=js", "GOARCH=wasm"}, "-pgo=../engine.pgo", "-o", path, pkg); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "../js-exec", path)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("run %s in node: %w", pkg, err)
	}
	return strings.TrimSpace(string(out)), nil
}

func goBuild(ctx context.Context, env []string, args ...string) error {
	first := []string{"build"}
	cmd := exec.CommandContext(ctx, "go", append(first, args...)...)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w: %s", args[len(args)-1], err, out)
	}
	return nil
}
