package convert

import (
	"crypto/sha256"
	"encoding/hex"
	"hash/fnv"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"ret/shared/archive"
	"ret/shared/fold"
)

// Names gives tables their file names, by docs/flattening.md, section 5. A name
// depends on those given before, so callers ask in the order of the documents'
// paths; then the names are the same in every run. Not for concurrent use.
type Names struct {
	files, folders names
	next           map[nextKey]int // the number to try first, where a path is taken
}

// NewNames returns Names that have given none yet.
func NewNames() *Names {
	n := &Names{files: names{}, folders: names{}, next: map[nextKey]int{}}
	n.files.add("manifest.json")
	return n
}

// Document names the files for the tables of one document, the main table
// first: "a/sub/x.csv", "a/sub/x.book.author.csv". As XLSX all of them lie in one.
func (n *Names) Document(path string, tables []string, format Format) []string {
	folders, name := splitPath(path)
	folder := n.folder(folders)
	stem := fileStem(name)
	return n.tables(folder, tables, format, func(i int) string {
		if i == 0 && tables[0] != "_document" { // else there is no main table
			return stem
		}
		return shorten(stem+"."+replaceIllegal(tables[i]), "", name+"."+tables[i])
	})
}

// Merged names the files for the tables that a class of a group shares.
func (n *Names) Merged(group string, tables []string, format Format) []string {
	folder := n.folder([]string{group})
	return n.tables(folder, tables, format, func(i int) string { return legalPart(tables[i]) })
}

func (n *Names) tables(folder string, tables []string, format Format, stem func(int) string) []string {
	files := make([]string, len(tables))
	for i := range tables {
		switch {
		case format != XLSX:
			files[i] = n.file(folder, stem(i), ".csv")
		case i == 0:
			files[i] = n.file(folder, stem(i), ".xlsx")
		default:
			files[i] = files[0]
		}
	}
	return files
}

// folder gives a folder's path with a slash behind; no file has its name.
func (n *Names) folder(parts []string) string {
	path := ""
	for _, part := range parts {
		path = n.free(path+legalPart(part), "", n.files)
		n.folders.add(path)
		path += "/"
	}
	return path
}

// file gives a file's path, unlike any other file's or folder's.
func (n *Names) file(folder, stem, suffix string) string {
	path := n.free(folder+stem, suffix, n.files, n.folders)
	n.files.add(path)
	return path
}

// free gives a path that is in none of taken, with ~2, ~3, … before its suffix
// where it has to be. A number that was taken once stays so, so each is tried once.
func (n *Names) free(stem, suffix string, taken ...names) string {
	isTaken := func(path string) bool {
		return slices.ContainsFunc(taken, func(t names) bool { return t.has(path) })
	}
	path := stem + suffix
	if !isTaken(path) {
		return path
	}
	key := nextKey{nameKey(path), len(taken) > 1}
	number := max(2, n.next[key])
	for ; ; number++ {
		candidate := stem + "~" + strconv.Itoa(number) + suffix
		if !isTaken(candidate) {
			n.next[key] = number
			return candidate
		}
	}
}

// names holds what was given, without regard to case and to how accents are written
// (Ä as one character or as two), as file systems do; hashes of it, because a run
// can have hundreds of thousands.
type names map[uint64]struct{}

// nextKey is a path that was taken, and for what it was wanted: a folder may have
// the name of a folder, a file may not.
type nextKey struct {
	name   uint64
	isFile bool
}

func nameKey(name string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(fold.String(norm.NFC.String(name)))) // a hash takes anything
	return h.Sum64()
}

func (n names) add(name string) { n[nameKey(name)] = struct{}{} }

func (n names) has(name string) bool {
	_, ok := n[nameKey(name)]
	return ok
}

// splitPath cuts a manifest path into the folders that stand for it and its name;
// an archive's folder is its name without suffix.
func splitPath(path string) (folders []string, name string) {
	archives := strings.Split(path, "!/")
	for i, p := range archives {
		parts := strings.Split(p, "/")
		if i == len(archives)-1 {
			return append(folders, parts[:len(parts)-1]...), parts[len(parts)-1]
		}
		parts[len(parts)-1] = archive.Stem(parts[len(parts)-1])
		folders = append(folders, parts...)
	}
	return folders, ""
}

// legalPart makes one part of a path legal everywhere.
func legalPart(part string) string {
	return shorten(replaceIllegal(part), "", part)
}

// fileStem is legalPart for a file, without its suffix.
func fileStem(name string) string {
	legal := replaceIllegal(name)
	stem := archive.Stem(legal)
	if name == archive.Stdin {
		return stem
	}
	return shorten(stem, legal[len(stem):], name)
}

// replaceIllegal replaces what some file system forbids: certain characters
// anywhere, dots and spaces at the end, names of devices.
func replaceIllegal(part string) string {
	part = strings.Map(legalRune, part)
	if part == "" {
		return "_"
	}
	kept := strings.TrimRight(part, ". ")
	return reserved.ReplaceAllString(kept+strings.Repeat("_", len(part)-len(kept)), "${1}_${2}")
}

// reserved is how a name begins that Windows takes for a device, whatever follows
// a dot.
var reserved = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9]|clock\$|conin\$|conout\$)(\.|$)`)

// legalRune also replaces marks that turn the direction of writing round: with one,
// a name ends otherwise than it is shown.
func legalRune(r rune) rune {
	if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || strings.ContainsRune(`<>:"\|?*/`, r) {
		return '_'
	}
	return r
}

const maxPartBytes = 200

// shorten cuts a stem that is too long with its suffix, and tells it apart by the
// hash of the whole name that it comes from.
func shorten(stem, suffix, whole string) string {
	if len(stem)+len(suffix) <= maxPartBytes {
		return stem
	}
	end := max(0, maxPartBytes-len(suffix))
	for end < len(stem) && !utf8.RuneStart(stem[end]) {
		end--
	}
	sum := sha256.Sum256([]byte(whole))
	return stem[:min(end, len(stem))] + "-" + hex.EncodeToString(sum[:4])
}
