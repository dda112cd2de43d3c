package archive

import (
	"regexp"
	"slices"
	"strings"

	"ret/shared/fault"
)

// Filter leaves files out by their paths: as in the manifest, "!/" as "/". A
// pattern without "/" is held against the last part. The zero value keeps all. In
// a pattern "*" and "?" stop at "/", "**" does not; all else means itself.
type Filter struct {
	include, exclude []pattern
	only             string // a path
}

// Only keeps the one file of that path, and looks into nothing that it cannot be in.
func Only(path string) Filter { return Filter{only: path} }

// reaches reports whether a file that is kept may be at a path or inside of it.
func (f Filter) reaches(path string) bool {
	return f.only == "" || path == f.only || strings.HasPrefix(f.only, path+"!/")
}

type pattern struct {
	*regexp.Regexp
	last bool // is held against the last part
}

// maxPatterns and maxPatternBytes keep what a filter costs for each file small.
const (
	maxPatterns     = 100
	maxPatternBytes = 1000
)

// NewFilter keeps what is included, or all if nothing is, but what is excluded. It
// fails with fault.Invalid on patterns that are empty, too long or too many.
func NewFilter(include, exclude []string) (f Filter, err error) {
	if f.include, err = patterns(include); err != nil {
		return f, err
	}
	f.exclude, err = patterns(exclude)
	return f, err
}

func patterns(globs []string) ([]pattern, error) {
	if len(globs) > maxPatterns {
		return nil, fault.New(fault.Invalid, "There may be at most %d patterns to include or to exclude.", maxPatterns)
	}
	var list []pattern
	for _, glob := range globs {
		if glob == "" || len(glob) > maxPatternBytes {
			return nil, fault.New(fault.Invalid, "A pattern must have between 1 and %d bytes.", maxPatternBytes)
		}
		glob = strings.ReplaceAll(glob, "!/", "/")
		compiled, err := regexp.Compile(expression(glob))
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "The pattern %q cannot be read.", glob)
		}
		list = append(list, pattern{compiled, !strings.Contains(glob, "/")})
	}
	return list, nil
}

// expression is a pattern as a regular expression, which is matched in linear
// time whatever it is.
func expression(glob string) string {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	for len(glob) > 0 {
		switch {
		case strings.HasPrefix(glob, "**"):
			b.WriteString(`.*`)
			glob = glob[2:]
			continue
		case glob[0] == '*':
			b.WriteString(`[^/]*`)
		case glob[0] == '?':
			b.WriteString(`[^/]`)
		default:
			n := strings.IndexAny(glob, "*?")
			if n < 0 {
				n = len(glob)
			}
			b.WriteString(regexp.QuoteMeta(glob[:n]))
			glob = glob[n:]
			continue
		}
		glob = glob[1:]
	}
	b.WriteString(`\z`)
	return b.String()
}

// keeps reports whether a file of this path is there.
func (f Filter) keeps(path string) bool {
	if f.only != "" {
		return path == f.only
	}
	if len(f.include) == 0 && len(f.exclude) == 0 {
		return true
	}
	return (len(f.include) == 0 || matches(f.include, path)) && !matches(f.exclude, path)
}

// keepsArchive is keeps for an archive that cannot be opened: nobody knows whether
// what was asked for lies in it.
func (f Filter) keepsArchive(path string) bool {
	return len(f.exclude) == 0 || !matches(f.exclude, path)
}

func matches(list []pattern, path string) bool {
	path = strings.ReplaceAll(path, "!/", "/")
	last := baseName(path)
	return slices.ContainsFunc(list, func(p pattern) bool {
		if p.last {
			return p.MatchString(last)
		}
		return p.MatchString(path)
	})
}
