package engine

import (
	"context"
	"errors"
	"time"

	"ret/shared/fault"
	"ret/shared/profile"
	"ret/shared/query"
	"ret/shared/replica"
	"ret/shared/workspace"
	"ret/web/view"
)

// Bounds of a statement here. The worker does nothing else meanwhile, so while there is a
// server that one is asked what takes longer.
const (
	queryBytes       = 128 << 20
	queryTime        = time.Second
	queryTimeOffline = 15 * time.Second
)

// query answers a statement over the tables that are here whole.
func (e *Engine) query(ctx context.Context, sql string, rows int) (*query.Result, error) {
	result, err := query.Run(ctx, keptTables{e}, sql, e.queryLimits(rows))
	if beyond := fault.Is(err, fault.TimedOut) || fault.Is(err, fault.TooLarge); beyond && e.online() {
		return nil, view.ErrElsewhere
	}
	return result, err
}

func (e *Engine) queryLimits(rows int) query.Limits {
	limits := query.Limits{Time: queryTimeOffline, Bytes: queryBytes, Rows: rows}
	if e.online() {
		limits.Time = queryTime
	}
	return limits
}

// knownKinds are those of a table that was asked before.
func (e *Engine) knownKinds(t *workspace.Table) []profile.Kind { return e.kinds[t.ID] }

// keptTables are the replica's. It implements query.Tables.
type keptTables struct{ e *Engine }

// List implements query.Tables.
func (k keptTables) List(ctx context.Context) ([]query.Listed, error) {
	names, err := k.e.cfg.Replica.TableNames(ctx)
	list := make([]query.Listed, len(names))
	for i, n := range names {
		list[i] = query.Listed(n)
	}
	return list, err
}

// Open implements query.Tables.
func (k keptTables) Open(ctx context.Context, id string) (*query.Table, error) {
	t, err := k.e.cfg.Replica.Table(ctx, id)
	if err != nil {
		return nil, err
	}
	rows, err := k.e.cfg.Pages.Rows.Table(ctx, t)
	if _, missing := errors.AsType[*replica.MissingRows](err); missing {
		return nil, errTableElsewhere
	}
	if err != nil {
		return nil, err
	}
	kinds := k.e.kinds[id]
	if kinds == nil {
		if kinds, err = rows.Kinds(ctx); err != nil {
			return nil, err
		}
		k.e.kinds[id] = kinds
	}
	return &query.Table{Source: t.Source, Columns: t.Columns, Kinds: kinds, Rows: rows, Close: func() error { return nil }}, nil
}

var errTableElsewhere = fault.New(fault.Unavailable, "A table of this statement is not whole in this browser, and the server cannot be reached now. Small tables are kept here.")
