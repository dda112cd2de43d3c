//go:build unix

package rundir

import "syscall"

// KeepFilesPrivate lets nobody else read what this process writes, also where a
// library creates the file.
func KeepFilesPrivate() { syscall.Umask(0o077) }
