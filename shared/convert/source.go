package convert

import (
	"strings"

	"ret/shared/archive"
)

// SourcePaths gives the files of a job their paths in the manifest. Files of the
// same name are told apart, so that every path says which file it comes from.
func SourcePaths(names []string) []string {
	taken, paths := archive.Names{}, make([]string, len(names))
	for i, name := range names {
		paths[i] = taken.Unique(SourcePath(name))
	}
	return paths
}

// SourcePath keeps a name clear of the mark for what lies in an archive.
func SourcePath(name string) string { return strings.ReplaceAll(name, "!/", "!_") }

// SourceOf returns the path of the file that a document comes from.
func SourceOf(path string) string {
	outermost, _, _ := strings.Cut(path, "!/")
	return outermost
}
