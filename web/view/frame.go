package view

import (
	"context"
	"time"

	"ret/shared/workspace"
	"ret/web/page"
)

// Live says where the workspace's history stands. Read it before the content.
func Live(ctx context.Context, ws *workspace.Workspace) (page.Live, error) {
	cursor, err := ws.Cursor(ctx)
	return page.Live{Epoch: ws.Epoch(), Cursor: cursor.Seq}, err
}

// Holdings counts what the session holds.
func Holdings(ctx context.Context, ws *workspace.Workspace) (page.Holdings, error) {
	u, err := ws.Usage(ctx)
	if err != nil {
		return page.Holdings{}, err
	}
	return page.Holdings{
		Files: u.Files, FileBytes: u.Bytes, Tables: u.Tables,
		Jobs: u.Jobs, ActiveJobs: u.Unfinished, CacheEntries: u.CacheEntries,
	}, nil
}

// Frame adds to a page's frame what surrounds all pages over a workspace. It
// comes before the content is read, so that a change in between is heard of
// again, not missed.
func Frame(ctx context.Context, ws *workspace.Workspace, f page.Frame, facts Facts, now time.Time) (page.Frame, error) {
	var err error
	if f.Live, err = Live(ctx, ws); err != nil {
		return f, err
	}
	f.Assets, f.Viewer = facts.Assets, facts.Viewer(now)
	f.Viewer.Holdings, err = Holdings(ctx, ws)
	return f, err
}

// Viewer is who looks at a page, at a moment.
func (f Facts) Viewer(now time.Time) *page.Viewer {
	return &page.Viewer{Name: f.Name, Admin: f.Admin, Now: now.UTC(), ExpiresAt: f.ExpiresAt.UTC(), Unused: time.Duration(f.Unused) * time.Second, EndsBy: f.EndsBy.UTC(), Offline: f.Offline, Asks: f.Asks, Tour: f.Tour}
}
