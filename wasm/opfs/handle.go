package opfs

import (
	"errors"

	"github.com/ncruces/go-sqlite3"
)

// Handle is a synchronous access handle. Its methods return ErrQuota when the
// origin may not keep more, ErrLost when the handle cannot be used any more.
type Handle interface {
	// ReadAt reads as much as there is: fewer bytes than len(p) at the end.
	ReadAt(p []byte, off int64) (int, error)
	// WriteAt may write less than all when the quota is used up.
	WriteAt(p []byte, off int64) (int, error)
	Truncate(size int64) error
	Flush() error
	Size() (int64, error)
}

// Why a handle fails.
var (
	ErrQuota = errors.New("the origin's quota is used up")
	ErrLost  = errors.New("the access handle is lost")
)

// code tells SQLite why a handle failed; otherwise is the code for ErrLost.
func code(err error, otherwise sqlite3.ExtendedErrorCode) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrQuota):
		return sqlite3.FULL
	default:
		return otherwise
	}
}
