package archive

import (
	"archive/zip"
	"path"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// entryName gives the name that an archive holds as a clean relative path: in
// UTF-8, without "..", absolute or empty parts and without control characters,
// so that it stays inside whatever folder it is put under.
func entryName(f *zip.File) string {
	name := f.Name
	if !utf8.ValidString(name) {
		name = decodeCP437(name)
	}
	return cleanPath(name)
}

// decodeCP437 reads the code page that ZIP prescribes for names which are not
// marked as UTF-8. Every byte has a character in it, so nothing can fail.
func decodeCP437(name string) string {
	decoded, err := charmap.CodePage437.NewDecoder().String(name)
	if err != nil {
		return strings.ToValidUTF8(name, "_")
	}
	return decoded
}

var (
	driveLetter = regexp.MustCompile(`^[A-Za-z]:$`)

	// insideArchive is how Path shows entries of a nested archive; no other
	// name may look so, or two entries could have one path.
	insideArchive = regexp.MustCompile(`(?i)(\.zip)!/`)
)

func cleanPath(name string) string {
	name = strings.Map(replaceControl, name)
	name = insideArchive.ReplaceAllString(name, "${1}_/")
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

// replaceControl keeps a path on one line of a terminal or log.
func replaceControl(r rune) rune {
	if r < 0x20 || r == 0x7f {
		return '_'
	}
	return r
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

func withoutSuffix(name string) string { return strings.TrimSuffix(name, suffixOf(name)) }

// isJunk reports what desktops add to archives and folders of their own accord.
func isJunk(name string) bool {
	return strings.HasPrefix(name, "__MACOSX/") || strings.Contains(name, "/__MACOSX/") || baseName(name) == ".DS_Store"
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

// batch matches archives that only cut a delivery into pieces.
var batch = regexp.MustCompile(`(?i)^[0-9]+[_-]?batch`)

// archiveGroup is the group of what an archive of this name holds; outer is the
// group of the archive itself.
func archiveGroup(name, outer string) string {
	name = withoutSuffix(baseName(name))
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
