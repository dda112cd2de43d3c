//go:build !unix

package rundir

// KeepFilesPrivate has nothing to do: folders' rights come from their parents.
func KeepFilesPrivate() {}
