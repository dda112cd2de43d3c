package sqlite

import (
	"errors"
	"fmt"

	"github.com/ncruces/go-sqlite3"

	"ret/shared/fault"
)

// translate gives SQLite's failures the kinds that callers branch on.
func translate(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sqlite3.FULL):
		return fault.Wrap(fault.NoSpace, err, "The disk is full: nothing was changed. Free some space and try again.")
	case IsDamaged(err):
		return fault.Wrap(fault.Unavailable, err, "This session's database is damaged and cannot be used. Sign out and start again.")
	case errors.Is(err, sqlite3.IOERR), errors.Is(err, sqlite3.CANTOPEN), errors.Is(err, sqlite3.READONLY), errors.Is(err, sqlite3.PERM):
		var code sqlite3.ExtendedErrorCode
		if errors.As(err, &code) { // says which access it was
			err = fmt.Errorf("%w (code %d)", err, code)
		}
		return fault.Wrap(fault.Unavailable, err, "The disk does not let RET read or write right now. Please try again later.")
	case errors.Is(err, sqlite3.BUSY), errors.Is(err, sqlite3.LOCKED):
		return fault.Wrap(fault.Unavailable, err, "The database is busy. Please try again.")
	default:
		return err
	}
}

// IsConstraint reports whether err says that a row broke a constraint of the
// schema: a duplicate key, a missing parent, a failed check.
func IsConstraint(err error) bool { return errors.Is(err, sqlite3.CONSTRAINT) }

// IsDamaged reports whether err says that the file is no sound database.
func IsDamaged(err error) bool {
	return errors.Is(err, sqlite3.CORRUPT) || errors.Is(err, sqlite3.NOTADB) || errors.Is(err, sqlite3.IOERR_DATA)
}
