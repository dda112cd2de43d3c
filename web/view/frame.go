package view

import (
	"context"

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
