// Command bench measures RET beside its rivals and floors, in one run on one
// machine. It is a module of its own, so that the rivals' libraries are not the
// product's.
//
// Every measurement is one line on standard output,
//
//	BENCH name=cache_get_50 value=15200000 unit=ops/s rival=redis_get_50 rival_value=48100 ratio=316
//
// and ratio is how many times better than the rival. What else there is to say,
// such as the file system and what its fsync takes, goes to standard error. With
// -compare the lines are held against those of an earlier run, and one that is
// much worse is a failure.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
)

// areas are what -only chooses from; one file each.
var areas = map[string]func(context.Context, *bench) error{
	"browser":    benchBrowser,
	"cache":      benchCache,
	"crypt":      benchCrypt,
	"grid":       benchGrid,
	"lighthouse": benchLighthouse,
	"live":       benchLive,
	"offline":    benchOffline,
	"query":      benchQuery,
	"queue":      benchQueue,
	"ratelimit":  benchRateLimit,
	"search":     benchSearch,
	"xml":        benchXML,
}

func main() {
	if address := os.Getenv(crowdEnv); address != "" {
		if err := beCrowd(address); err != nil {
			fmt.Fprintln(os.Stderr, "bench: crowd:", err)
			os.Exit(1)
		}
		return
	}
	only := flag.String("only", "", "measure only these `areas`, separated by commas")
	compare := flag.String("compare", "", "hold the results against those in `file`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *only, *compare); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, only, compare string) error {
	chosen, err := choose(only)
	if err != nil {
		return err
	}
	b := &bench{out: os.Stdout, info: os.Stderr}
	if err := b.describeMachine(); err != nil {
		return err
	}
	for _, name := range chosen {
		if err := areas[name](ctx, b); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if compare == "" {
		return nil
	}
	return b.compareWith(compare)
}

// choose returns the areas to measure, all of them by default.
func choose(only string) ([]string, error) {
	var all []string
	for name := range areas {
		all = append(all, name)
	}
	slices.Sort(all)
	if only == "" {
		return all, nil
	}
	chosen := strings.Split(only, ",")
	for _, name := range chosen {
		if areas[name] == nil {
			return nil, fmt.Errorf("no area %q; there are %s", name, strings.Join(all, ", "))
		}
	}
	return chosen, nil
}
