// Command scripts bundles the browser's scripts for web/asset to embed: one file
// for pages, one for each kind of worker, one for the service worker, and the one
// that runs before the first paint. Beside those that are cut short stand their source
// maps. The bundles
// are checked in, so that `go build` alone makes the whole program, and `make
// check` proves them fresh.
package main

import (
	"fmt"
	"os"

	"github.com/evanw/esbuild/pkg/api"
)

const output = "web/asset/bundle"

// modules are scripts that the browser loads as modules. Their names are cut short,
// but syntax is left alone: the server writes addresses into their strings, which a
// cleverer compiler would have compared already.
var modules = api.BuildOptions{
	EntryPoints:       []string{"web/asset/js/page/main.js", "web/asset/js/worker/worker.js", "web/asset/js/worker/convert-worker.js"},
	Format:            api.FormatESModule,
	MinifyWhitespace:  true,
	MinifyIdentifiers: true,
	Sourcemap:         api.SourceMapLinked,
}

// plain are classic scripts, small enough to be read without a map. What the server
// writes into the service worker are its variables, so they keep their names.
var plain = api.BuildOptions{
	EntryPoints: []string{"web/asset/js/page/theme.js", "web/asset/js/worker/sw.js"},
	Format:      api.FormatIIFE,
}

func main() {
	for _, options := range []api.BuildOptions{modules, plain} {
		if !bundle(options) {
			os.Exit(1)
		}
	}
}

// bundle reports whether it could write all; what was wrong stands on standard error.
func bundle(options api.BuildOptions) bool {
	options.Bundle = true
	options.Outdir = output
	options.EntryNames = "[name]"
	options.Target = api.ES2022
	options.Charset = api.CharsetUTF8
	options.LegalComments = api.LegalCommentsNone
	options.LogLevel = api.LogLevelWarning
	options.Write = true
	result := api.Build(options)
	for _, file := range result.OutputFiles {
		if err := os.Chmod(file.Path, 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "bundle scripts:", err)
			return false
		}
	}
	return len(result.Errors) == 0
}
