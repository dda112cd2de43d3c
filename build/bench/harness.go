package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// bench collects the results of a run.
type bench struct {
	out, info io.Writer
	results   []result
}

// result is one measurement.
type result struct {
	Name  string
	Value float64
	Unit  string // ops/s, points, or something of which less is better

	Rival      string // "" if there is none to compare with, "none" if it is not installed
	RivalValue float64
	Floor      string // what physics or the plainest code allows
	FloorValue float64
	Allocs     float64 // a call; negative if not counted
}

// lessIsBetter says which way a unit goes.
func lessIsBetter(unit string) bool {
	return !strings.HasSuffix(unit, "/s") && unit != "ratio" && unit != "points"
}

// report prints a measurement.
func (b *bench) report(r result) {
	b.results = append(b.results, r)
	line := fmt.Sprintf("BENCH name=%s value=%s unit=%s", r.Name, number(r.Value), r.Unit)
	if r.Rival != "" {
		line += " rival=" + r.Rival
	}
	if r.Rival != "" && r.Rival != "none" {
		line += fmt.Sprintf(" rival_value=%s ratio=%s", number(r.RivalValue), number(better(r.Unit, r.Value, r.RivalValue)))
	}
	if r.Floor != "" {
		line += fmt.Sprintf(" floor=%s floor_value=%s", r.Floor, number(r.FloorValue))
	}
	if r.Allocs >= 0 {
		line += fmt.Sprintf(" allocs=%s", number(r.Allocs))
	}
	fmt.Fprintln(b.out, line)
}

// better is how many times better value is than other.
func better(unit string, value, other float64) float64 {
	if lessIsBetter(unit) {
		return other / value
	}
	return value / other
}

// number prints three digits or more, never with an exponent.
func number(v float64) string {
	switch {
	case v == 0 || math.Abs(v) >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case math.Abs(v) >= 1:
		return strconv.FormatFloat(v, 'f', 2, 64)
	default:
		return strconv.FormatFloat(v, 'f', 4, 64)
	}
}

func (b *bench) note(format string, args ...any) { fmt.Fprintf(b.info, format+"\n", args...) }

// rounds is how often two rivals take turns. The speed of a disk changes from
// second to second, so that one after the other would not be side by side.
const rounds = 8

// sideBySide measures two functions for a while each, turn by turn. Without a
// second one only the first is measured.
func sideBySide(callers int, during time.Duration, fn, other func(caller, i int) error) (value, otherValue float64, err error) {
	for range rounds {
		one, err := rate(callers, during/rounds, fn)
		if err != nil {
			return 0, 0, err
		}
		value += one / rounds
		if other == nil {
			continue
		}
		if one, err = rate(callers, during/rounds, other); err != nil {
			return 0, 0, err
		}
		otherValue += one / rounds
	}
	return value, otherValue, nil
}

// rate runs fn in so many callers for a while and returns calls a second. fn is
// given the caller and the number of its call.
func rate(callers int, during time.Duration, fn func(caller, i int) error) (float64, error) {
	var calls atomic.Int64
	var over atomic.Bool
	var failed atomic.Pointer[error]
	var group sync.WaitGroup
	start := time.Now()
	timer := time.AfterFunc(during, func() { over.Store(true) })
	defer timer.Stop()
	for caller := range callers {
		group.Go(func() {
			n := 0
			for !over.Load() {
				if err := fn(caller, n); err != nil {
					failed.Store(&err)
					over.Store(true)
				}
				n++
			}
			calls.Add(int64(n))
		})
	}
	group.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return float64(calls.Load()) / time.Since(start).Seconds(), nil
}

// allocs counts fn's allocations a call.
func allocs(fn func()) float64 { return allocsOf(10_000, fn) }

// allocsOf is allocs of so many calls.
func allocsOf(calls int, fn func()) float64 {
	var before, after runtime.MemStats
	fn()
	runtime.ReadMemStats(&before)
	for range calls {
		fn()
	}
	runtime.ReadMemStats(&after)
	return math.Floor(float64(after.Mallocs-before.Mallocs) / float64(calls))
}

// heapBytes is what is in use after a collection.
func heapBytes() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// workFolder makes a folder on a real disk: in the system's temporary folder, or
// beside the program where that is only memory.
func workFolder() (folder string, remove func(), err error) {
	folder, err = os.MkdirTemp("", "ret-bench-")
	if err == nil && fileSystem(folder) == "tmpfs" {
		_ = os.RemoveAll(folder)
		folder, err = os.MkdirTemp(".", "ret-bench-")
	}
	if err != nil {
		return "", nil, fmt.Errorf("make a folder to work in: %w", err)
	}
	folder, err = filepath.Abs(folder)
	return folder, func() { _ = os.RemoveAll(folder) }, err
}

// fileSystem names the type of a folder's file system.
func fileSystem(folder string) string {
	out, err := exec.Command("stat", "-f", "-c", "%T", folder).Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// fsyncTime is the median time of writing and syncing 4 KiB.
func fsyncTime(folder string) (time.Duration, error) {
	f, err := os.Create(filepath.Join(folder, "fsync"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	block := make([]byte, 4096)
	var times []time.Duration
	for i := range 200 {
		start := time.Now()
		if _, err := f.WriteAt(block, int64(i)*4096); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	return times[len(times)/2], nil
}

func (b *bench) describeMachine() error {
	folder, remove, err := workFolder()
	if err != nil {
		return err
	}
	defer remove()
	sync, err := fsyncTime(folder)
	if err != nil {
		return fmt.Errorf("measure fsync: %w", err)
	}
	b.note("%s, %s/%s, %d cores; file system %s", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), fileSystem(folder))
	b.report(result{Name: "disk_fsync_4k", Value: float64(sync.Microseconds()), Unit: "us", Allocs: -1})
	return nil
}

// worse is how much worse than before a measurement may be.
const worse = 1.5

// compareWith holds this run against the lines of an earlier one. Where both
// have a rival, the ratios are compared, which a slower machine does not change.
func (b *bench) compareWith(file string) error {
	earlier, err := readResults(file)
	if err != nil {
		return err
	}
	var bad []error
	for _, r := range b.results {
		old, ok := earlier[r.Name]
		if !ok {
			continue
		}
		now, then, unit := r.Value, old.Value, r.Unit
		if r.RivalValue > 0 && old.RivalValue > 0 {
			now, then, unit = better(r.Unit, r.Value, r.RivalValue), better(r.Unit, old.Value, old.RivalValue), "ratio"
		}
		if better(unit, then, now) > worse {
			bad = append(bad, fmt.Errorf("%s was %s and is %s (%s)", r.Name, number(then), number(now), unit))
		}
	}
	return errors.Join(bad...)
}

func readResults(file string) (map[string]result, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	results := make(map[string]result)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if line, ok := strings.CutPrefix(lines.Text(), "BENCH "); ok {
			r := parseResult(line)
			results[r.Name] = r
		}
	}
	return results, nil
}

func parseResult(line string) result {
	fields := make(map[string]string)
	for _, field := range strings.Fields(line) {
		name, value, _ := strings.Cut(field, "=")
		fields[name] = value
	}
	value := func(name string) float64 {
		v, _ := strconv.ParseFloat(fields[name], 64) // what is absent is 0
		return v
	}
	return result{
		Name: fields["name"], Unit: fields["unit"], Rival: fields["rival"],
		Value: value("value"), RivalValue: value("rival_value"),
	}
}
