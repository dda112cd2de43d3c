package work

import (
	"context"

	"ret/server/httpapi/chain"
	"ret/server/jobs"
	"ret/shared/fault"
	"ret/shared/workspace"
)

// Submit enqueues a job; with no workers it is run right here.
func (s *Server) Submit(c *chain.Call, spec workspace.NewJob) (*workspace.Job, error) {
	if spec.ID != "" {
		if err := workspace.CheckID(spec.ID); err != nil {
			return nil, err
		}
	}
	if spec.Kind == workspace.KindMerge {
		if err := mergesClass(c, &spec); err != nil {
			return nil, err
		}
	}
	if jobs.WithoutFiles(spec.Kind) {
		spec.Files = nil // it is about all tables
	} else if len(spec.Files) == 0 {
		return nil, fault.New(fault.Invalid, "A job needs at least one file.")
	}
	if spec.Kind == workspace.KindAsk {
		if err := s.mayAsk(c); err != nil {
			return nil, err
		}
	}
	done, err := c.Expect(c.R.Context())
	if err != nil {
		return nil, err
	}
	defer done()
	job, _, err := c.Submit(c.R.Context(), spec)
	if err != nil {
		return nil, err
	}
	if err := s.runIfAlone(c, job); err != nil {
		return nil, err
	}
	return c.Job(c.R.Context(), job.ID)
}

// mergesClass names the files of a job that merges a class: no others are of use to it.
func mergesClass(c *chain.Call, spec *workspace.NewJob) error {
	class, err := jobs.ClassOf(spec.Options)
	if err == nil {
		spec.Files, err = c.ClassFiles(c.R.Context(), class)
	}
	return err
}

// Merge gives the documents of a class one set of tables. Who asks again meanwhile gets the
// same job.
func (s *Server) Merge(c *chain.Call, class string) (*workspace.Job, error) {
	spec, err := jobs.NewMerge(class, s.Config.JobMaxAttempts)
	if err != nil {
		return nil, err
	}
	job, err := c.Underway(c.R.Context(), spec)
	if job != nil || err != nil {
		return job, err
	}
	return s.Submit(c, spec)
}

// runIfAlone runs a job on this request where there are no workers
// (RET_WORKERS=0), and brings job up to date.
func (s *Server) runIfAlone(c *chain.Call, job *workspace.Job) error {
	if s.Queue.Workers() > 0 || job == nil || job.State != workspace.StateQueued {
		return nil
	}
	// Who goes away meanwhile leaves no job behind that nobody would run.
	ctx := context.WithoutCancel(c.R.Context())
	if err := c.Line.RunNow(ctx, job.ID, job.Kind); err != nil {
		return err
	}
	if err := c.RunFollowing(ctx, workspace.KindIndex); err != nil {
		return err
	}
	ended, err := c.Job(c.R.Context(), job.ID)
	if err == nil {
		*job = *ended
	}
	return err
}

// Retry has a job tried again, with a fresh set of attempts.
func (s *Server) Retry(c *chain.Call, id string) (*workspace.Job, error) {
	done, err := c.Expect(c.R.Context())
	if err != nil {
		return nil, err
	}
	defer done()
	job, err := c.Retry(c.R.Context(), id)
	if err != nil {
		return nil, err
	}
	return job, s.runIfAlone(c, job)
}
