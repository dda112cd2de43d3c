//go:build unix

package files

import (
	"os"
	"syscall"
)

// lock waits until nobody else, in whatever process, has the file locked. It lasts
// until the file is closed.
func lock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX) }
