package httpapi

import (
	"context"
	"encoding/json"
	"net/http"

	"ret/server/jobs"
	"ret/shared/fault"
	"ret/shared/workspace"
)

func (s *Server) submitJob(c *call) error {
	var body struct {
		ID      string          `json:"id"`
		Kind    string          `json:"kind"`
		Files   []string        `json:"files"`
		Options json.RawMessage `json:"options"`
		Key     string          `json:"key"`
	}
	if err := readJSON(c.w, c.r, &body); err != nil {
		return err
	}
	spec, err := jobs.New(body.Kind, body.Options, s.Config.JobMaxAttempts)
	if err != nil {
		return err
	}
	spec.ID, spec.Key, spec.Files = body.ID, body.Key, body.Files
	job, err := s.submit(c, spec)
	if err != nil {
		return err
	}
	return writeJSON(c.w, http.StatusAccepted, job)
}

// submit enqueues a job; with no workers it is run right here.
func (s *Server) submit(c *call, spec workspace.NewJob) (*workspace.Job, error) {
	if spec.ID != "" {
		if err := workspace.CheckID(spec.ID); err != nil {
			return nil, err
		}
	}
	if len(spec.Files) == 0 {
		return nil, fault.New(fault.Invalid, "A job needs at least one file.")
	}
	done, err := c.Expect(c.r.Context())
	if err != nil {
		return nil, err
	}
	defer done()
	job, _, err := c.Submit(c.r.Context(), spec)
	if err != nil {
		return nil, err
	}
	if err := s.runIfAlone(c, job); err != nil {
		return nil, err
	}
	return c.Job(c.r.Context(), job.ID)
}

// runIfAlone runs a job on this request where there are no workers
// (RET_WORKERS=0), and brings job up to date.
func (s *Server) runIfAlone(c *call, job *workspace.Job) error {
	if s.Queue.Workers() > 0 || job == nil || job.State != workspace.StateQueued {
		return nil
	}
	// Who goes away meanwhile leaves no job behind that nobody would run.
	if err := c.Line.RunNow(context.WithoutCancel(c.r.Context()), job.ID, job.Kind); err != nil {
		return err
	}
	ended, err := c.Job(c.r.Context(), job.ID)
	if err == nil {
		*job = *ended
	}
	return err
}

func (s *Server) listJobs(c *call) error {
	page, err := pageOf(c.r)
	if err != nil {
		return err
	}
	state, err := stateOf(c.r)
	if err != nil {
		return err
	}
	list, err := c.Jobs(c.r.Context(), state, page)
	if err != nil {
		return err
	}
	return writeJSON(c.w, http.StatusOK, list)
}

// stateOf reads the state to list; "" is all.
func stateOf(r *http.Request) (workspace.State, error) {
	switch state := workspace.State(r.URL.Query().Get("state")); state {
	case "", workspace.StateQueued, workspace.StateRunning, workspace.StateSucceeded, workspace.StateFailed, workspace.StateCancelled:
		return state, nil
	default:
		return "", fault.New(fault.Invalid, "state must be queued, running, succeeded, failed or cancelled.")
	}
}

func (s *Server) getJob(c *call) error {
	job, err := c.Job(c.r.Context(), c.r.PathValue("id"))
	if err != nil {
		return err
	}
	return writeJSON(c.w, http.StatusOK, job)
}

func (s *Server) cancelJob(c *call) error {
	job, err := c.Cancel(c.r.Context(), c.r.PathValue("id"), 0)
	if err != nil {
		return err
	}
	return writeJSON(c.w, http.StatusAccepted, job)
}

func (s *Server) retryJob(c *call) error {
	job, err := s.retry(c, c.r.PathValue("id"))
	if err != nil {
		return err
	}
	return writeJSON(c.w, http.StatusAccepted, job)
}

func (s *Server) retry(c *call, id string) (*workspace.Job, error) {
	done, err := c.Expect(c.r.Context())
	if err != nil {
		return nil, err
	}
	defer done()
	job, err := c.Retry(c.r.Context(), id)
	if err != nil {
		return nil, err
	}
	return job, s.runIfAlone(c, job)
}
