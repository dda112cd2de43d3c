//go:build unix

package files

import "syscall"

// spaceBelow asks for the space of the disk that a folder lies on.
func spaceBelow(dir string) func() (free, total int64, err error) {
	return func() (free, total int64, err error) {
		var fs syscall.Statfs_t
		if err := syscall.Statfs(dir, &fs); err != nil {
			return 0, 0, err
		}
		return int64(fs.Bavail) * int64(fs.Bsize), int64(fs.Blocks) * int64(fs.Bsize), nil
	}
}
