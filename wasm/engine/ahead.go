package engine

import (
	"strings"
	"time"

	"ret/shared/replica"
	"ret/shared/wire"
	"ret/shared/workspace"
)

// Small tables, and the one that is open, are fetched whole and ahead of need, the newest first, one request
// at a time and so slowly that most of a session's requests are left for its
// person.
const (
	maxAhead   = 256 << 10 // bytes of a table that counts as small
	aheadAtOne = 1000      // tables that are looked at when the replica is whole
	aheadEvery = 100 * time.Millisecond
)

// ahead is what is to be fetched ahead of need.
type ahead struct {
	tables  []string // the next one last
	opened  string   // the table that was last looked at
	running bool
}

// fetchOpened begins with the table that someone looks at, if this is its page: they
// may want to sort it when the server is gone.
func (e *Engine) fetchOpened(path string) {
	path, _, _ = strings.Cut(path, "?")
	id, isTable := strings.CutPrefix(path, "/tables/")
	id, _, _ = strings.Cut(id, "/")
	if !isTable || e.ahead.opened == id {
		return
	}
	e.ahead.opened = id
	e.ahead.tables = append(e.ahead.tables, id)
	e.goAhead()
}

// comesAhead reports whether a table is to be fetched whole.
func (e *Engine) comesAhead(t *workspace.Table) bool {
	if e.ahead.opened == t.ID {
		return t.Bytes <= replica.MaxSorted
	}
	return t.Bytes <= maxAhead
}

// lookAhead begins with the newest small tables that are there.
func (e *Engine) lookAhead() {
	ids, err := e.cfg.Replica.SmallTables(e.ctx, maxAhead, aheadAtOne)
	if err != nil {
		e.cfg.Log("small tables not found", err)
		return
	}
	e.ahead.tables = e.ahead.tables[:0]
	for i := len(ids) - 1; i >= 0; i-- {
		e.ahead.tables = append(e.ahead.tables, ids[i])
	}
	e.goAhead()
}

// cameNow notes tables that have just come.
func (e *Engine) cameNow(changes []wire.Change) {
	for _, ch := range changes {
		if ch.Entity == workspace.EntityTable && ch.Op == workspace.Put {
			e.ahead.tables = append(e.ahead.tables, ch.ID)
		}
	}
	e.goAhead()
}

// goAhead fetches what is missing of the next table, if nothing is under way.
func (e *Engine) goAhead() {
	for !e.ahead.running && e.online() && e.ready {
		last := len(e.ahead.tables) - 1
		if last < 0 {
			return
		}
		id := e.ahead.tables[last]
		if !e.fetchAhead(id) {
			e.ahead.tables = e.ahead.tables[:last]
		}
	}
}

// fetchAhead begins to fetch a part of a table; false if there is nothing to do.
func (e *Engine) fetchAhead(id string) bool {
	t, err := e.cfg.Replica.Table(e.ctx, id)
	if err != nil || !e.comesAhead(t) || len(t.Columns) == 0 || e.localFiles[t.JobID] != nil {
		return false
	}
	q, missing, err := e.cfg.Pages.Rows.Ahead(e.ctx, t)
	if err != nil || !missing {
		return false
	}
	e.ahead.running = true
	e.askRows("", id, q, func(t *workspace.Table, got *gotRows) {
		goOn := t == nil // deleted meanwhile
		if got != nil && t != nil {
			if goOn, err = e.cfg.Pages.Rows.Add(e.ctx, t, q, got.page); err != nil {
				e.cfg.Log("rows not kept", err)
			}
		}
		e.fetchedAhead(goOn)
	})
	return true
}

// fetchedAhead goes on after a while. A server that refuses, or no room, ends it:
// until the next table comes or the server greets again.
func (e *Engine) fetchedAhead(goOn bool) {
	if !goOn {
		e.ahead.tables = nil
	}
	time.AfterFunc(aheadEvery, func() {
		e.put(func() {
			e.ahead.running = false
			e.goAhead()
			if !e.ahead.running {
				e.stand() // how much is kept
			}
		})
	})
}
