// Package rundir claims the runtime folder for one server.
//
// Take makes the folder for this user alone and holds a lock in it until the
// Claim's Release; a second server is refused, not queued. The lock is the operating
// system's, so it ends with the process however that ends. `ret user` and
// `ret doctor` work beside a server and claim nothing; Make and CheckOrphans are
// for them too.
package rundir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"ret/shared/fault"
)

// ErrHeld says that another server holds the folder. It is a fault.Conflict.
var ErrHeld = fault.New(fault.Conflict, "Another RET server is running over this runtime folder. Stop it first, or set another RET_RUNTIME_ROOT.")

// ErrDatabaseHeld says that another server uses the database of sessions. It is a
// fault.Conflict.
var ErrDatabaseHeld = fault.New(fault.Conflict, "Another RET server uses this database of sessions, and would take this one's sessions for its own. Stop it first, or set another RET_SESSION_DB.")

// ErrOrphaned says that there are sessions' folders but no database that knows
// whose they are. It is a fault.Conflict.
var ErrOrphaned = fault.New(fault.Conflict, "The runtime folder holds data of sessions, but the database of sessions (RET_SESSION_DB) is new. Restore the database that belongs to the folder; or, if the data may go, delete the folder's sessions/.")

// Names of the locks: in the runtime folder, and after the database's own.
const (
	lockName       = "ret.lock"
	databaseSuffix = ".lock"
)

// Claim is a runtime folder and a database of sessions that are ours.
type Claim struct{ locks []*os.File }

// Take makes the runtime folder root if need be and claims it with the database. It
// fails with ErrHeld or ErrDatabaseHeld, and with ErrOrphaned if sessions/ is not
// empty although there is no database at sessionDB.
func Take(root, sessionDB string) (*Claim, error) {
	if err := Make(root); err != nil {
		return nil, err
	}
	c := &Claim{}
	err := c.lock(filepath.Join(root, lockName), ErrHeld)
	if err == nil {
		err = c.lock(sessionDB+databaseSuffix, ErrDatabaseHeld)
	}
	if err == nil {
		err = CheckOrphans(root, sessionDB)
	}
	if err != nil {
		return nil, errors.Join(err, c.Release())
	}
	return c, nil
}

// lock takes a lock, or fails with held if another has it.
func (c *Claim) lock(name string, held error) error {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "The runtime folder, or that of the database of sessions, cannot be used. Check RET_RUNTIME_ROOT, RET_SESSION_DB and who owns them.")
	}
	c.locks = append(c.locks, f)
	err = tryLock(f)
	if errors.Is(err, ErrHeld) {
		return held
	}
	return err
}

// Release lets another server have the folder.
func (c *Claim) Release() error {
	var errs []error
	for _, f := range c.locks {
		errs = append(errs, f.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("release runtime folder: %w", err)
	}
	return nil
}

// Make makes the runtime folder if need be, and takes away what others may do in
// it.
func Make(root string) error {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return unusable(err)
	}
	info, err := os.Stat(root)
	if err != nil {
		return unusable(err)
	}
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	if err := os.Chmod(root, 0o700); err != nil {
		return unusable(err)
	}
	return nil
}

// CheckOrphans fails with ErrOrphaned if sessions/ is not empty although there is
// no database at sessionDB.
func CheckOrphans(root, sessionDB string) error {
	info, err := os.Stat(sessionDB)
	if err == nil && info.Size() > 0 {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unusable(err)
	}
	entries, err := os.ReadDir(filepath.Join(root, "sessions"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return unusable(err)
	}
	if len(entries) > 0 {
		return ErrOrphaned
	}
	return nil
}

func unusable(err error) error {
	return fault.Wrap(fault.Unavailable, err, "The runtime folder cannot be used. Check RET_RUNTIME_ROOT and who owns it.")
}
