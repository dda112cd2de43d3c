package app

import (
	"context"
	"strings"
	"time"

	"ret/server/config"
	"ret/server/jobs"
	"ret/shared/fault"
	"ret/shared/workspace"
)

// origin is where pages come from; "" is whatever host the request names.
func origin(cfg config.Config) string {
	if cfg.PublicURL == nil {
		return ""
	}
	return cfg.PublicURL.Scheme + "://" + cfg.PublicURL.Host
}

// hello lets a client of the live channel in. One with a replica goes on working
// without a network, so its session may be idle for longer.
func (a *App) hello(ctx context.Context, sessionID string, replica bool) (time.Time, error) {
	if replica {
		if err := a.sessions.SetOffline(ctx, sessionID); err != nil {
			return time.Time{}, err
		}
	}
	s, err := a.sessions.Get(sessionID)
	return s.ExpiresAt, err
}

func (a *App) used(sessionID string) { a.sessions.Use(sessionID) }

// admitMutation counts a change over the live channel as a request of its session.
func (a *App) admitMutation(sessionID string) (wait time.Duration) {
	if d := a.limits.Session(sessionID); !d.Allowed {
		return d.Reset
	}
	return 0
}

// mutate does what a client asks for over the live channel.
func (a *App) mutate(ctx context.Context, sessionID string, m workspace.Mutation) (workspace.Answer, error) {
	open, release, err := a.workspaces.Use(ctx, sessionID)
	if err != nil {
		return workspace.Answer{}, err
	}
	defer release()
	if strings.HasPrefix(m.Name, "job.") {
		done, err := open.Expect(ctx)
		if err != nil {
			return workspace.Answer{}, err
		}
		defer done()
	}
	answer, err := open.Mutate(ctx, m, workspace.Around{
		Job: func(spec *workspace.NewJob) error {
			if spec.Kind == workspace.KindAsk {
				return fault.New(fault.Invalid, "Questions are asked over HTTP: POST /api/v1/ask.")
			}
			spec.MaxAttempts = a.cfg.JobMaxAttempts
			return jobs.Check(spec)
		},
		Unlink: func(blobs []string) { a.complain("unlink deleted blobs", open.Folder.Remove(blobs...)) },
		Entry:  open.Cache.Through, EntryTTL: a.cfg.SessionIdle,
		Room: open.Folder.Space().CheckDisk, MaxBytes: a.cfg.MaxSessionBytes,
	})
	open.Folder.Space().Changed() // by the answer too
	if err == nil && a.queue.Workers() == 0 {
		err = runWaiting(ctx, open.Workspace, open.Line.RunNow)
		if err == nil {
			err = open.RunFollowing(ctx, workspace.KindIndex)
		}
	}
	return answer, err
}

// runWaiting runs what waits where there are no workers to do it.
func runWaiting(ctx context.Context, ws *workspace.Workspace, run func(ctx context.Context, jobID, kind string) error) error {
	waiting, err := ws.Jobs(ctx, workspace.StateQueued, workspace.Page{})
	if err != nil {
		return err
	}
	for _, job := range waiting.Items {
		if err := run(ctx, job.ID, job.Kind); err != nil {
			return err
		}
	}
	return nil
}
