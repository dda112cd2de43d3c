//go:build unix

package doctor

import (
	"context"
	"fmt"
	"syscall"
)

// leastFree is what the databases alone need to go on for a while.
const leastFree = 256 << 20

func diskSpace(_ context.Context, p *patient) (string, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(p.scratch, &fs); err != nil {
		return "", wrong(err, "the disk of the runtime folder cannot be asked for its space")
	}
	free := uint64(fs.Bavail) * uint64(fs.Bsize)
	note := fmt.Sprintf("%.1f GiB free", float64(free)/(1<<30))
	switch {
	case free < leastFree:
		return "", wrong(nil, "only %d MiB are left on the disk of the runtime folder", free>>20)
	case free < uint64(p.cfg.MaxUploadBytes):
		note += ", less than one upload may have (RET_MAX_UPLOAD_BYTES)"
	}
	return note, nil
}
