package replica

import (
	"context"
	"fmt"

	"ret/shared/sqlite"
)

// OpenOrRescue opens or makes the replica at path. One that is damaged is begun anew,
// after what no server has of it was read: its outbox. remove deletes its files.
// damage is why, or nil.
func OpenOrRescue(ctx context.Context, path string, cfg sqlite.Config, remove func() error) (r *Replica, damage, err error) {
	r, err = Open(ctx, path, cfg)
	if !IsDamaged(err) {
		return r, nil, err
	}
	damage = err
	cfg.Checksums = true // as Open has it
	unsent := readUnsent(ctx, path, cfg)
	if err := remove(); err != nil {
		return nil, damage, fmt.Errorf("give up damaged replica: %w", err)
	}
	if r, err = Open(ctx, path, cfg); err != nil {
		return nil, damage, err
	}
	if err := r.takeUnsent(ctx, unsent); err != nil {
		_ = r.Close()
		return nil, damage, fmt.Errorf("rescue outbox: %w", err)
	}
	return r, damage, nil
}
