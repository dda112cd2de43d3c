package converter

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"ret/server/command"
	"ret/shared/convert"
	"ret/shared/fault"
	"ret/shared/xmltable"
)

// recipe is a person's choices on the command line: what a file of them says,
// overridden by the flags that were given.
type recipe struct {
	flags   *flag.FlagSet
	given   convert.Options
	format  string
	load    string
	save    string
	setters map[string]func(*convert.Options)
}

// prepareShape defines the flags that decide what tables there are.
func (r *recipe) prepareShape(flags *flag.FlagSet) {
	r.flags = flags
	r.setters = map[string]func(*convert.Options){
		"record":     func(o *convert.Options) { o.Record = r.given.Record },
		"max-repeat": func(o *convert.Options) { o.MaxRepeat = r.given.MaxRepeat },
	}
	flags.StringVar(&r.given.Record, "record", "", "one row for each element at this `PATH` from the root's children down (rows/row)\nor of this name (//row); without it RET chooses, as \"ret inspect\" shows")
	flags.IntVar(&r.given.MaxRepeat, "max-repeat", xmltable.DefaultMaxRepeat, "a child that repeats at most `K` times in a row becomes columns, else a table")
	r.prepareBools(flags, []boolFlag{
		{"merge", "give one set of tables to all files of a group that look alike", func(o *convert.Options) *bool { return &o.Merge }},
		{"by-local-name", "take elements of one local name for one, whatever their namespace", func(o *convert.Options) *bool { return &o.ByLocalName }},
		{"flat", "repeat the fields of the elements above a record in its row", func(o *convert.Options) *bool { return &o.Flat }},
		{"xml", "end the main table with _xml, the record as it is written", func(o *convert.Options) *bool { return &o.XML }},
		{"trim", "take all white space at both ends of a text away", func(o *convert.Options) *bool { return &o.Trim }},
		{"windows-1252", "read what says that it is ISO-8859-1 as windows-1252, where € and curly\nquotes are wrong", func(o *convert.Options) *bool { return &o.Windows1252 }},
		{"repair", "read also what is not well-formed in the ways seen most, with a warning\nfor each: more than one root, a bare &, forbidden characters, an end too early", func(o *convert.Options) *bool { return &o.Repair }},
	})
	flags.Func("pivot", "spread an element by its key: `PATH@KEY=VALUE`, such as tag@k=@v or\nproperty/name=value; may be given several times", func(value string) error {
		r.given.Pivot = append(r.given.Pivot, value)
		return nil
	})
	r.setters["pivot"] = func(o *convert.Options) { o.Pivot = r.given.Pivot }
	r.prepareLists(flags, []listFlag{
		{"include", "take only files whose path fits this `GLOB`, such as *.xml or a.zip/sub/**;\nmay be given several times", func(o *convert.Options) *[]string { return &o.Include }},
		{"exclude", "leave out files whose path fits this `GLOB`; may be given several times", func(o *convert.Options) *[]string { return &o.Exclude }},
	})
	flags.StringVar(&r.load, "recipe", "", "read choices from this JSON `FILE`; flags override them")
}

// prepareOutput defines the flags that decide how tables are written.
func (r *recipe) prepareOutput(flags *flag.FlagSet) {
	r.prepareBools(flags, []boolFlag{
		{"keep-partial", "keep the rows before the place where a file is not well-formed", func(o *convert.Options) *bool { return &o.KeepPartial }},
		{"bom", "begin CSV with a byte order mark, by which Excel knows UTF-8", func(o *convert.Options) *bool { return &o.BOM }},
		{"crlf", "end CSV lines with CR LF", func(o *convert.Options) *bool { return &o.CRLF }},
		{"excel-safe", "put ' before CSV values that Excel would run as a formula", func(o *convert.Options) *bool { return &o.ExcelSafe }},
	})
	flags.StringVar(&r.given.Delimiter, "delimiter", "", "put `;|tab||` between the fields of CSV, instead of a comma")
	r.setters["delimiter"] = func(o *convert.Options) { o.Delimiter = r.given.Delimiter }
	flags.StringVar(&r.format, "format", string(convert.CSV), "write `csv|xlsx`")
	r.setters["format"] = func(o *convert.Options) { o.Format = convert.Format(r.format) }
	flags.StringVar(&r.save, "save-recipe", "", "write the choices to this JSON `FILE`, for --recipe")
}

// boolFlag is a flag that turns an option on.
type boolFlag struct {
	name, usage string
	field       func(*convert.Options) *bool
}

func (r *recipe) prepareBools(flags *flag.FlagSet, bools []boolFlag) {
	for _, b := range bools {
		flags.BoolVar(b.field(&r.given), b.name, false, b.usage)
		r.setters[b.name] = func(o *convert.Options) { *b.field(o) = *b.field(&r.given) }
	}
}

// listFlag is a flag that adds to a list, which replaces that of a recipe.
type listFlag struct {
	name, usage string
	field       func(*convert.Options) *[]string
}

func (r *recipe) prepareLists(flags *flag.FlagSet, lists []listFlag) {
	for _, l := range lists {
		flags.Func(l.name, l.usage, func(value string) error {
			*l.field(&r.given) = append(*l.field(&r.given), value)
			return nil
		})
		r.setters[l.name] = func(o *convert.Options) { *l.field(o) = *l.field(&r.given) }
	}
}

// options are the choices, checked. Its errors are usage errors.
func (r *recipe) options() (convert.Options, error) {
	options := convert.Options{MaxRepeat: xmltable.DefaultMaxRepeat, Format: convert.CSV}
	if err := r.read(&options); err != nil {
		return options, err
	}
	r.flags.Visit(func(f *flag.Flag) {
		if set := r.setters[f.Name]; set != nil {
			set(&options)
		}
	})
	if options.MaxRepeat < 1 {
		return options, command.WrongUsage("--max-repeat must be at least 1")
	}
	if err := options.Validate(); err != nil {
		return options, command.WrongUsage("%s", strings.TrimSuffix(fault.Message(err), "."))
	}
	return options, nil
}

func (r *recipe) read(options *convert.Options) error {
	if r.load == "" {
		return nil
	}
	data, err := os.ReadFile(r.load)
	if err != nil {
		return command.WrongUsage("the recipe cannot be read: %v", err)
	}
	read, err := convert.ParseOptions(data)
	if err != nil {
		return command.WrongUsage("the recipe %s is of no use: %s", r.load, fault.Message(err))
	}
	if read.MaxRepeat == 0 {
		read.MaxRepeat = options.MaxRepeat
	}
	if read.Format == "" {
		read.Format = options.Format
	}
	*options = read
	return nil
}

// write saves the choices where --save-recipe asks for it.
func (r *recipe) write(options convert.Options) error {
	if r.save == "" {
		return nil
	}
	data, err := json.MarshalIndent(options, "", "  ")
	if err != nil {
		return fmt.Errorf("write recipe: %w", err)
	}
	temp := r.save + ".new"
	err = os.WriteFile(temp, append(data, '\n'), 0o666)
	if err == nil {
		err = os.Rename(temp, r.save)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write recipe: %w", err), removeIfThere(temp))
	}
	return nil
}

func removeIfThere(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
