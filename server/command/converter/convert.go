// Package converter is what "ret convert" and "ret inspect" do: files, folders and
// archives of a disk become tables in a folder, without a server.
package converter

import (
	"context"
	"errors"
	"flag"
	"os"
	"runtime/debug"
	"strings"

	"ret/server/command"
	"ret/server/config"
	"ret/shared/convert"
	"ret/shared/xmltable"
)

// Convert is "ret convert".
var Convert = command.Command{
	Name:    "convert",
	Usage:   "convert [flags] -o OUT INPUT...",
	Summary: "turns XML files, folders and zips into CSV or Excel tables",
	Help: `Converts every XML document in the inputs: files, folders with all below them,
archives (ZIP, 7z, tar), also nested ones, files packed by gzip, bzip2, xz or zstd,
and - for standard input, which may be any of these. Each becomes a main table with a row for every
record, and further tables for what repeats too often for columns. Nothing in a
document is lost: RET counts its values and those in the tables, and a file where
they differ fails.

  ret convert -o out report.xml          out/report.csv, out/report.NAME.csv ...
  ret convert -o out --merge exports/    one set of tables for each kind of document
  ret convert -o out --format xlsx a.zip one workbook for each document
  curl … | ret convert -o out -          out/stdin.csv ...

OUT/manifest.json tells for every file what became of it and for every column where
in the document it comes from. A file that fails is named on standard error, as
path:line:column: reason, and the others go on. OUT appears as it is needed; files
of the same name in it are replaced, and none is ever half-written.

RET_MAX_ARCHIVE_FILES, RET_MAX_ARCHIVE_RATIO, RET_MAX_ARCHIVE_DEPTH, RET_MAX_COLUMNS
and RET_MAX_OUTPUT_RATIO in the environment set the limits that guard against harmful
input.`,
	Prepare: func(flags *flag.FlagSet) command.Func {
		c := &conversion{}
		flags.StringVar(&c.out, "o", "", "write the tables below this folder, `OUT`")
		flags.IntVar(&c.workers, "workers", 0, "convert `N` documents at once (default: one for each processor)")
		flags.BoolVar(&c.json, "json", false, "report progress and the result as JSON lines on standard output")
		c.recipe.prepareShape(flags)
		c.recipe.prepareOutput(flags)
		return c.run
	},
}

// conversion is one "ret convert".
type conversion struct {
	recipe  recipe
	out     string
	workers int
	json    bool
}

func (c *conversion) run(ctx context.Context, inputs []string, std command.Stdio) error {
	options, err := c.check(inputs)
	if err != nil {
		return err
	}
	limits, err := limitsFrom(os.Environ())
	if err != nil {
		return err
	}
	saveMemory()
	if err := c.recipe.write(options); err != nil {
		return err
	}
	out, err := openOutput(c.out)
	if err != nil {
		return err
	}
	err = c.convert(ctx, convert.Job{Options: options, Limits: limits, Workers: c.workers}, inputs, out, std)
	return errors.Join(err, out.close())
}

// saveMemory trades a little time for memory: the list of a hundred thousand files
// lives long, and by default garbage may grow to its size before it is collected.
func saveMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(40)
	}
}

// check finds what is wrong with the command line before anything is touched.
func (c *conversion) check(inputs []string) (convert.Options, error) {
	options, err := c.recipe.options()
	switch {
	case err != nil:
		return options, err
	case c.out == "":
		return options, command.WrongUsage("say where the tables go, with -o OUT")
	case len(inputs) == 0:
		return options, command.WrongUsage("name at least one file, folder or zip")
	case c.workers < 0:
		return options, command.WrongUsage("--workers must be at least 1")
	}
	return options, nil
}

func (c *conversion) convert(ctx context.Context, job convert.Job, names []string, out *output, std command.Stdio) (err error) {
	in := inputs{names: names, stdin: std.In, scratch: scratch{out}, without: c.out}
	sources, done, err := in.sources(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	job.Sources = sources
	manifest, err := beginManifest(out)
	if err != nil {
		return err
	}
	if c.recipe.save != "" {
		job.Layouts = func(layouts []*xmltable.Layout) error {
			options := job.Options
			options.Layouts = layouts
			return c.recipe.write(options)
		}
	}
	report := newReport(std, c.json)
	job.Scratch = scratch{out}
	job.Progress = report.progress
	job.Store = newFileStore(out, job.Options, manifest, report)
	totals, err := convert.Run(ctx, job)
	report.end()
	if err != nil {
		manifest.file.discard()
		return err
	}
	if err := manifest.publish(); err != nil {
		return err
	}
	if err := report.result(totals, c.out); err != nil {
		return err
	}
	switch {
	case report.failures > 0:
		return command.ErrReported
	case totals.Converted == 0:
		return errNoXML
	}
	return nil
}

var errNoXML = errors.New("there is no XML in the input")

// limitsFrom reads the settings that bound a conversion, and only those: the
// server's are of no interest here.
func limitsFrom(environ []string) (convert.Limits, error) {
	var ours []string
	for _, line := range environ {
		for _, prefix := range []string{"RET_MAX_ARCHIVE_", "RET_MAX_COLUMNS=", "RET_MAX_OUTPUT_RATIO="} {
			if strings.HasPrefix(line, prefix) {
				ours = append(ours, line)
			}
		}
	}
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	settings := config.Register(flags)
	if err := flags.Parse([]string{"--config", os.DevNull}); err != nil {
		return convert.Limits{}, err
	}
	loaded, err := settings.Load(ours)
	if err != nil {
		return convert.Limits{}, err
	}
	cfg, err := loaded.Config()
	if err != nil {
		return convert.Limits{}, err
	}
	return cfg.ConvertLimits(), nil
}
