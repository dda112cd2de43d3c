package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
)

// duckVersion is the rival's, from npm.
const duckVersion = "1.5.6-r.1"

// duckScript says how many milliseconds each statement takes that a line brings, with all
// rows of its answer.
const duckScript = `
const { DuckDBInstance } = require("@duckdb/node-api");
(async () => {
  const db = await (await DuckDBInstance.create(":memory:", { threads: process.argv[1] })).connect();
  for await (const line of require("node:readline").createInterface({ input: process.stdin })) {
    const began = performance.now();
    (await db.runAndReadAll(JSON.parse(line))).getRows();
    console.log(performance.now() - began);
  }
})().catch((e) => { console.error(String(e)); process.exit(1); });
`

// duck is DuckDB for Node with a database in memory.
type duck struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	said *bufio.Scanner
}

// startDuck starts it on so many threads.
func startDuck(ctx context.Context, b *bench, threads int) (*duck, error) {
	modules, err := duckDB(ctx)
	if err != nil {
		return nil, err
	}
	d := &duck{cmd: exec.CommandContext(ctx, "node", "-e", duckScript, strconv.Itoa(threads))}
	d.cmd.Dir, d.cmd.Stderr = modules, b.info
	if d.in, err = d.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	d.said = bufio.NewScanner(out)
	return d, d.cmd.Start()
}

// ask has a statement done, and gives how many milliseconds it took.
func (d *duck) ask(sql string) (took float64, err error) {
	if err := json.NewEncoder(d.in).Encode(sql); err != nil {
		return 0, err
	}
	if !d.said.Scan() {
		return 0, fmt.Errorf("DuckDB has ended: %w", errors.Join(d.said.Err(), d.cmd.Wait()))
	}
	return strconv.ParseFloat(d.said.Text(), 64)
}

func (d *duck) end() {
	_ = d.in.Close()
	_ = d.cmd.Wait()
}

// duckTimes are the medians of DuckDB for Node, on one thread as ours, in milliseconds.
func duckTimes(ctx context.Context, b *bench, folder string) (map[string]float64, error) {
	d, err := startDuck(ctx, b, 1)
	if err != nil {
		return nil, err
	}
	defer d.end()
	imported := 0.0
	for _, sql := range []string{declared(), duckImport("line", folder), duckImport("orders", folder)} {
		took, err := d.ask(sql)
		if err != nil {
			return nil, err
		}
		imported += took
	}
	b.note("DuckDB has imported them in %.1f s", imported/1000)
	medians := map[string]float64{}
	for _, s := range statements {
		var times []float64
		for range askedTimes {
			took, err := d.ask(s[1])
			if err != nil {
				return nil, err
			}
			times = append(times, took)
		}
		slices.Sort(times)
		medians[s[0]] = times[len(times)/2]
	}
	return medians, nil
}

func duckImport(table, folder string) string {
	return "INSERT INTO " + table + " SELECT * FROM read_csv('" + filepath.Join(folder, table+".csv") + "', header = true, all_varchar = true)"
}

// duckDB returns a folder in which Node finds DuckDB, which npm installs into a cache
// folder if it is not there.
func duckDB(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(cache, "ret-bench", "duckdb-"+duckVersion)
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "@duckdb", "node-api")); err == nil {
		return folder, nil
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return "", errors.New("there is no npm")
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "npm", "install", "--silent", "--no-save", "--prefix", folder, "@duckdb/node-api@"+duckVersion)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("install: %w: %.300s", err, out)
	}
	return folder, nil
}
