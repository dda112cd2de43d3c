//go:build !linux

package rundir

// KeepMemoryPrivate does nothing here: on systems other than Linux core dumps are the
// administrator's to forbid.
func KeepMemoryPrivate() error { return nil }
