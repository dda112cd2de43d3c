package xlsx

import (
	"strconv"
	"strings"
	"unicode/utf16"

	"ret/shared/fold"
)

const maxNameUnits = 31 // UTF-16 units of a sheet's name

// sheetNames makes names that Excel accepts and that differ without regard to
// case.
type sheetNames struct {
	taken map[string]bool
	tried map[string]int // the last number behind a name that was taken
}

func newSheetNames() sheetNames { return sheetNames{map[string]bool{}, map[string]int{}} }

var forbidden = strings.NewReplacer(`\`, "_", "/", "_", "?", "_", "*", "_", "[", "_", "]", "_", ":", "_")

func (n sheetNames) unique(name string) string {
	name = legalName(name)
	candidate := cut(name, "")
	wanted := fold.String(candidate)
	for i := max(1, n.tried[wanted]); n.taken[fold.String(candidate)]; n.tried[wanted] = i {
		i++
		candidate = cut(name, "~"+strconv.Itoa(i))
	}
	n.taken[fold.String(candidate)] = true
	return candidate
}

// partName names the sheet on which a table goes on.
func partName(name string, part int64) string {
	return cut(legalName(name), " ("+strconv.FormatInt(part, 10)+")")
}

// legalName replaces what Excel forbids; an apostrophe only at the ends.
func legalName(name string) string {
	name = forbidden.Replace(name)
	if strings.HasPrefix(name, "'") {
		name = "_" + name[1:]
	}
	if strings.HasSuffix(name, "'") {
		name = name[:len(name)-1] + "_"
	}
	return name
}

// cut shortens name so that it fits with suffix.
func cut(name, suffix string) string {
	units := len(suffix)
	for i, r := range name {
		if units += utf16.RuneLen(r); units > maxNameUnits {
			return strings.TrimSuffix(name[:i], "'") + suffix
		}
	}
	return name + suffix
}
