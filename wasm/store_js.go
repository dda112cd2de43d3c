package main

import (
	"context"

	"github.com/ncruces/go-sqlite3/vfs"

	"ret/shared/replica"
	"ret/shared/seal"
	"ret/shared/sqlite"
	"ret/shared/sqlite/memoryvfs"
	"ret/wasm/opfs"
)

// The replica's file, and those that SQLite keeps beside it.
const replicaFile = "replica.db"

var replicaFiles = []string{replicaFile, replicaFile + "-wal", replicaFile + "-journal"}

// cacheKiB holds 20,000 rows, which are then read without asking the disk.
const cacheKiB = 32 << 10

// store is the replica and where it lies.
type store struct {
	replica *replica.Replica
	bytes   func() int64
}

// openStore opens the replica in the files that JavaScript opened, which the key
// encrypts; without any it lies in memory and lasts as long as the worker.
func openStore(ctx context.Context, key *seal.Key) (store, error) {
	cfg := sqlite.Config{Exclusive: true, CacheKiB: cacheKiB}
	handles := opfs.Handles()
	if len(handles) == 0 {
		cfg.VFS = memoryvfs.Name
		r, err := replica.Open(ctx, replicaFile, cfg)
		return store{r, func() int64 { return 0 }}, err
	}
	derived, err := key.Derive("replica")
	if err != nil {
		return store{}, err
	}
	pool, err := opfs.NewPool(opfs.Seal(handles, derived))
	if err != nil {
		return store{}, err
	}
	cfg.VFS = "opfs"
	vfs.Register(cfg.VFS, pool)
	r, damage, err := replica.OpenOrRescue(ctx, replicaFile, cfg, func() error { return remove(pool) })
	if damage != nil {
		log("replica is begun anew", damage)
	}
	return store{r, pool.Bytes}, err
}

// remove deletes the replica's files.
func remove(pool *opfs.Pool) error {
	for _, name := range replicaFiles {
		if there, _ := pool.Access(name, vfs.ACCESS_EXISTS); !there {
			continue
		}
		if err := pool.Delete(name, true); err != nil {
			return err
		}
	}
	return nil
}
