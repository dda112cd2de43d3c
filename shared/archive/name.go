package archive

import (
	"path"
	"regexp"
	"strconv"
	"strings"
)

var driveLetter = regexp.MustCompile(`^[A-Za-z]:$`)

// cleanPath gives a name in an archive as a clean relative path: without "..",
// absolute or empty parts and without control characters, so that it stays inside
// whatever folder it is put under. No name may look as Path shows what lies in
// a nested archive, or two entries could have one path.
func cleanPath(name string) string {
	name = OneLine(name)
	name = strings.ReplaceAll(name, "!/", "_/")
	if isClean(name) {
		return name
	}
	parts := strings.Split(name, "/")
	kept := parts[:0]
	for i, part := range parts {
		if part == "" || part == "." || part == ".." || i == 0 && driveLetter.MatchString(part) {
			continue
		}
		kept = append(kept, part)
	}
	if len(kept) == 0 {
		return "_"
	}
	return strings.Join(kept, "/")
}

// isClean spares the usual name an allocation.
func isClean(name string) bool {
	return name == path.Clean(name) && name != "." && name != ".." && !strings.HasPrefix(name, "../") &&
		!strings.HasPrefix(name, "/") && !strings.Contains(name, ":")
}

// OneLine keeps a path on one line of a terminal or log: _ stands for what is no
// printable character of ASCII.
func OneLine(path string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return '_'
		}
		return r
	}, path)
}

func baseName(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// suffixOf is the suffix of a path's last part with its dot, or "". A leading
// dot makes a hidden file, not a suffix.
func suffixOf(name string) string {
	base := baseName(name)
	if i := strings.LastIndexByte(base, '.'); i > 0 {
		return base[i:]
	}
	return ""
}

func hasSuffix(name, suffix string) bool { return strings.EqualFold(suffixOf(name), suffix) }

func lower(s string) string { return strings.ToLower(s) }

// Stem is the name of a file without its suffix, and without that of its packing:
// "dump" of "dump.xml.gz".
func Stem(name string) string {
	if name == Stdin {
		return stdinName
	}
	if suffix := suffixOf(name); packings[lower(suffix)] {
		name = strings.TrimSuffix(name, suffix)
	}
	return strings.TrimSuffix(name, suffixOf(name))
}

// isJunk reports what desktops add to archives and folders of their own accord,
// and what is a folder.
func isJunk(name string) bool {
	base := baseName(name)
	return base == "" || strings.HasPrefix(name, "__MACOSX/") || strings.Contains(name, "/__MACOSX/") ||
		strings.HasPrefix(base, "._") || base == ".DS_Store" ||
		strings.EqualFold(base, "Thumbs.db") || strings.EqualFold(base, "desktop.ini")
}

// Names tells apart files of one name. Each given name has the number with which
// the next of its kind is to be tried: so a name costs the same whether it comes
// for the first or the hundred thousandth time. Not for concurrent use.
type Names map[string]int

// Unique returns name, or if it was given before, name with ~2, ~3, … before its
// suffix.
func (n Names) Unique(name string) string {
	next, taken := n[name]
	if !taken {
		n[name] = 2
		return name
	}
	suffix := suffixOf(name)
	stem := strings.TrimSuffix(name, suffix)
	for ; ; next++ {
		candidate := stem + "~" + strconv.Itoa(next) + suffix
		if _, taken := n[candidate]; !taken {
			n[name], n[candidate] = next+1, 2
			return candidate
		}
	}
}

// Stdin is the path of what comes by standard input; its tables have another name.
const (
	Stdin     = "-"
	stdinName = "stdin"
)

// batch matches archives that only cut a delivery into pieces.
var batch = regexp.MustCompile(`(?i)^[0-9]+[_-]?batch`)

// archiveGroup is the group of what an archive of this name holds; outer is the
// group of the archive itself.
func archiveGroup(name, outer string) string {
	name = Stem(baseName(name))
	if batch.MatchString(name) {
		return outer
	}
	return name
}

// folderGroup is the group of a file from no archive.
func folderGroup(name string) string {
	if i := strings.LastIndexByte(name, '/'); i > 0 {
		return baseName(name[:i])
	}
	return "files"
}
