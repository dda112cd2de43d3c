//go:build unix

package rundir

import (
	"errors"
	"os"
	"syscall"
)

// tryLock locks f for this process, or fails at once with ErrHeld.
func tryLock(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrHeld
	}
	if err != nil {
		return unusable(err)
	}
	return nil
}
