package replica

import (
	"context"
	"errors"
	"fmt"

	"ret/shared/fault"
	"ret/shared/sqlite"
)

// errDamaged is what check finds.
var errDamaged = fault.New(fault.Unavailable, "This database is damaged.")

// check looks whether the database is sound. IsDamaged tells its finding from
// other failures.
func (r *Replica) check(ctx context.Context) error {
	return r.Read(ctx, func(c *sqlite.Conn) error {
		var found string
		if err := c.QueryRow(`PRAGMA quick_check(1)`, nil, &found); err != nil {
			return err
		}
		if found != "ok" {
			return fmt.Errorf("%w: %s", errDamaged, found)
		}
		return nil
	})
}

// IsDamaged reports whether an error of Open says that the database is
// no sound one.
func IsDamaged(err error) bool { return errors.Is(err, errDamaged) || sqlite.IsDamaged(err) }
