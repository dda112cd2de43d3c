package converter

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"ret/server/command"
	"ret/shared/archive"
	"ret/shared/convert"
	"ret/shared/xmltable"
)

// Inspect is "ret inspect".
var Inspect = command.Command{
	Name:    "inspect",
	Usage:   "inspect [flags] INPUT...",
	Summary: "shows what converting would give, without writing anything",
	Help: `Says for each document in the inputs, which are those of "ret convert", whether it
is well-formed, which element it takes for the record and which others it could
have been, and the tables and columns that "ret convert" would write. Where another
option would serve better, it proposes that.

  ret inspect report.xml
  ret inspect --record //person report.xml   the same with another record
  ret inspect --merge exports/               the same for each class of files that share tables
  ret inspect --json exports.zip             one JSON object a line for each document`,
	Prepare: func(flags *flag.FlagSet) command.Func {
		i := &inspection{}
		flags.BoolVar(&i.json, "json", false, "print one JSON object a line for each document")
		flags.IntVar(&i.workers, "workers", 0, "look at `N` documents at once (default: one for each processor)")
		i.recipe.prepareShape(flags)
		return i.run
	},
}

// inspection is one "ret inspect".
type inspection struct {
	recipe   recipe
	workers  int
	json     bool
	std      command.Stdio
	found    int
	failures int
	told     map[string]bool // proposals for a group, which are told once
}

func (i *inspection) run(ctx context.Context, names []string, std command.Stdio) (err error) {
	options, err := i.recipe.options()
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return command.WrongUsage("name at least one file, folder or zip")
	}
	limits, err := limitsFrom(os.Environ())
	if err != nil {
		return err
	}
	i.std = std
	room := &tempScratch{}
	sources, done, err := inputs{names: names, stdin: std.In, scratch: room}.sources(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	job := convert.InspectJob{Sources: sources, Options: options, Limits: limits, Scratch: room, Workers: i.workers}
	if options.Merge {
		err = convert.InspectClasses(ctx, job, i.fail, i.showClass)
	} else {
		err = convert.Inspect(ctx, job, i.show)
	}
	if err != nil {
		return err
	}
	if i.found == 0 {
		return errNoXML
	}
	if i.failures > 0 {
		return command.ErrReported
	}
	return nil
}

func (i *inspection) show(in convert.Inspection) error {
	i.found++
	if in.Error != nil {
		i.failures++
		(&report{std: i.std}).fail(in.Path, in.Error)
	}
	if i.json {
		return json.NewEncoder(i.std.Out).Encode(in)
	}
	var b strings.Builder
	if in.WellFormed {
		b.WriteString(describe(in))
	}
	i.describeProposals(&b, in.Group, in.Proposals)
	_, err := fmt.Fprint(i.std.Out, b.String())
	return err
}

// fail tells what cannot be read.
func (i *inspection) fail(in convert.Inspection) error {
	i.found++
	i.failures++
	(&report{std: i.std}).fail(in.Path, in.Error)
	return nil
}

// showClass shows a class of documents that share tables.
func (i *inspection) showClass(c convert.ClassInspection) error {
	i.found++
	if c.Error != nil {
		i.failures++
		(&report{std: i.std}).fail(c.Group, c.Error)
	}
	if i.json {
		return json.NewEncoder(i.std.Out).Encode(c)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: root %s, %s\n", c.Group, c.Root, command.Count(int64(c.Files), "file"))
	describeTables(&b, c.Record, c.Candidates, c.Tables, c.Warnings)
	i.describeProposals(&b, c.Group, c.Proposals)
	_, err := fmt.Fprint(i.std.Out, b.String())
	return err
}

// describeProposals says what would serve better. What is about all of a group is
// said once.
func (i *inspection) describeProposals(b *strings.Builder, group string, proposals []convert.Proposal) {
	if i.told == nil {
		i.told = map[string]bool{}
	}
	for _, p := range proposals {
		flags := p.Options.Flags()
		if p.Options.Merge || p.Options.ByLocalName {
			key := group + "\n" + flags
			if i.told[key] {
				continue
			}
			i.told[key] = true
		}
		fmt.Fprintf(b, "  proposal %s: %s\n", flags, command.OneLine(p.Reason))
		for _, note := range p.Notes {
			fmt.Fprintf(b, "    %s\n", command.OneLine(note))
		}
	}
}

// describe is an inspection for a person.
func describe(in convert.Inspection) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: well-formed, root %s, %s\n", in.Path, in.Root, command.Count(in.Values, "value"))
	var candidates []xmltable.Candidate
	for _, c := range in.Candidates {
		candidates = append(candidates, c.Candidate)
	}
	describeTables(&b, in.Record, candidates, in.Tables, in.Warnings)
	return b.String()
}

func describeTables(b *strings.Builder, record string, candidates []xmltable.Candidate, tables []convert.TablePreview, warnings []string) {
	if record != "" {
		fmt.Fprintf(b, "  record %s\n", record)
	}
	for _, c := range candidates {
		fmt.Fprintf(b, "  candidate %s: %s, %s\n", c.Path, command.Count(c.Count, "element"), command.Count(c.Weight, "value"))
	}
	for _, t := range tables {
		fmt.Fprintf(b, "  table %s: ", t.Name)
		for i, c := range t.Columns {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(c.Name)
		}
		b.WriteByte('\n')
	}
	for _, w := range warnings {
		fmt.Fprintf(b, "  warning: %s\n", command.OneLine(w))
	}
}

// tempScratch lends room in the system's folder for temporary files.
type tempScratch struct{}

// Create implements archive.Scratch.
func (*tempScratch) Create(context.Context) (archive.ScratchFile, error) {
	f, err := os.CreateTemp("", "ret-")
	if err != nil {
		return nil, err
	}
	return tempScratchFile{f}, nil
}

type tempScratchFile struct{ *os.File }

// Close gives the room back.
func (f tempScratchFile) Close() error { return errors.Join(f.File.Close(), os.Remove(f.Name())) }
