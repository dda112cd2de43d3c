package config

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"ret/shared/fault"
)

// DefaultFile is read if it is there and no other was named.
const DefaultFile = ".env"

// Origin says where a value came from.
type Origin string

// The origins, each of which overrides those after it.
const (
	FromFlag        Origin = "flag"
	FromEnvironment Origin = "environment"
	FromFile        Origin = "file"
	FromProfile     Origin = "profile"
	FromDefault     Origin = "default"
)

// Flags are the settings' command line flags. Register them, parse, then Load.
type Flags struct {
	file   string
	values map[string]string // by setting name
}

// Register adds to set the flags of the settings with these names, or of all that
// may have one if none is named, and --config.
func Register(set *flag.FlagSet, names ...string) *Flags {
	f := &Flags{values: map[string]string{}}
	set.StringVar(&f.file, "config", "", "read settings from this `FILE` of KEY=value lines (default "+DefaultFile+", if it is there)")
	for _, s := range settings {
		if s.Flag() == "" || len(names) > 0 && !slices.Contains(names, s.Name) {
			continue
		}
		set.Func(s.Flag(), s.usage(), func(v string) error {
			f.values[s.Name] = v
			return nil
		})
	}
	return f
}

// Loaded is the outcome of Load: values that could be read, not yet checked
// against each other.
type Loaded struct {
	config  Config
	origins map[string]Origin
	notes   []string
}

// Load reads flags over environ (as os.Environ gives it) over the file over the
// profile over the defaults. Its error is fault.Invalid and names everything
// that is wrong, a line each.
func (f *Flags) Load(environ []string) (Loaded, error) {
	l := &loader{Loaded: Loaded{origins: map[string]Origin{}}}
	file, err := f.readFile()
	l.note(err)
	sources := []source{
		{FromFlag, f.values},
		{FromEnvironment, l.known(FromEnvironment, parseEnviron(environ))},
		{FromFile, l.known(FromFile, file)},
	}
	l.fill(sources)
	if len(l.problems) > 0 {
		return Loaded{}, fault.New(fault.Invalid, "%s", strings.Join(l.problems, "\n"))
	}
	return l.Loaded, nil
}

func (f *Flags) readFile() (map[string]string, error) {
	name := f.file
	if name == "" {
		name = DefaultFile
	}
	lines, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) && f.file == "" {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the settings file cannot be read: %w", err)
	}
	values, err := parseFile(string(lines))
	if err != nil {
		return nil, fmt.Errorf("%s:%w", name, err)
	}
	return values, nil
}

// source is where values can come from.
type source struct {
	origin Origin
	values map[string]string
}

// loader collects values and everything that is wrong with them.
type loader struct {
	Loaded
	problems []string
}

func (l *loader) note(err error) {
	if err != nil {
		l.problems = append(l.problems, err.Error())
	}
}

// known reports the names among values that claim to be ours and are not.
func (l *loader) known(from Origin, values map[string]string) map[string]string {
	for _, name := range sortedNames(values) {
		switch {
		case isSetting(name), foreign[name]:
		case hasOurPrefix(name):
			l.note(unknownName(name, from))
		case from == FromFile:
			l.notes = append(l.notes, name+" in the settings file is no setting of RET and was ignored.")
		}
	}
	return values
}

// fill sets every field from the first source that has it. The profile comes
// first, since it decides other defaults; computed defaults come last.
func (l *loader) fill(sources []source) {
	var later []Setting
	for _, s := range settings {
		if !l.fillFrom(s, sources) && s.compute != nil {
			later = append(later, s)
		}
	}
	for _, s := range later {
		l.set(s, s.compute(l.config), FromDefault)
	}
}

func (l *loader) fillFrom(s Setting, sources []source) bool {
	for _, src := range sources {
		if v, ok := src.values[s.Name]; ok {
			l.set(s, v, src.origin)
			return true
		}
	}
	switch {
	case l.config.Env == Production && s.Production != "":
		l.set(s, s.Production, FromProfile)
	case s.compute != nil:
		return false
	default:
		l.origins[s.Name] = FromDefault
		if s.Default != "" {
			l.set(s, s.Default, FromDefault)
		}
	}
	return true
}

func (l *loader) set(s Setting, text string, from Origin) {
	l.origins[s.Name] = from
	if err := s.bind(&l.config).set(text); err != nil {
		l.note(fmt.Errorf("%s (from the %s) %w", s.Name, from, err))
	}
}

func isSetting(name string) bool {
	return slices.ContainsFunc(settings, func(s Setting) bool { return s.Name == name })
}

func hasOurPrefix(name string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}
