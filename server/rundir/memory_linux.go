package rundir

import (
	"errors"

	"golang.org/x/sys/unix"
)

// KeepMemoryPrivate lets no core dump of this process be written, and no other process
// of the same user look into its memory: keys are there.
func KeepMemoryPrivate() error {
	return errors.Join(
		unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}),
		unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0),
	)
}
