//go:build !unix

package files

// spaceBelow is nil: nobody can be asked here.
func spaceBelow(string) func() (free, total int64, err error) { return nil }
