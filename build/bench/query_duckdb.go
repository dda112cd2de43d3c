package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// duckVersion is the rival's, from npm.
const duckVersion = "1.5.6-r.1"

// duckScript imports the tables and asks each statement some times.
const duckScript = `
const { DuckDBInstance } = require("@duckdb/node-api");
const [folder, statements, times, declared] = JSON.parse(process.argv[1]);
(async () => {
  const db = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
  const began = performance.now();
  await db.run(declared);
  for (const table of ["line", "orders"]) await db.run("INSERT INTO " + table + " SELECT * FROM read_csv('" + folder + "/" + table + ".csv', header = true, all_varchar = true)");
  const out = { imported: performance.now() - began, times: {} };
  for (const [name, sql] of statements) {
    out.times[name] = [];
    for (let i = 0; i < times; i++) {
      const began = performance.now();
      await (await db.runAndReadAll(sql)).getRows();
      out.times[name].push(performance.now() - began);
    }
  }
  console.log(JSON.stringify(out));
})().catch((e) => { console.error(String(e)); process.exit(1); });
`

// duckTimes are the medians of DuckDB for Node, on one thread as ours, in milliseconds.
func duckTimes(ctx context.Context, b *bench, folder string) (map[string]float64, error) {
	modules, err := duckDB(ctx)
	if err != nil {
		return nil, err
	}
	asked, err := json.Marshal([]any{folder, statements, askedTimes, declared()})
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "node")
	cmd.Dir, cmd.Stderr = modules, b.info
	cmd.Args = []string{"node", "-e", duckScript, string(asked)}
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("run: %w", err)
	}
	var said struct {
		Imported float64
		Times    map[string][]float64
	}
	if err := json.Unmarshal(out, &said); err != nil {
		return nil, err
	}
	b.note("DuckDB has imported them in %.1f s", said.Imported/1000)
	medians := map[string]float64{}
	for name, times := range said.Times {
		slices.Sort(times)
		medians[name] = times[len(times)/2]
	}
	return medians, nil
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
