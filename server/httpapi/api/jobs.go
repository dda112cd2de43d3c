package api

import (
	"encoding/json"
	"net/http"

	"ret/server/httpapi/chain"
	"ret/server/jobs"
	"ret/shared/fault"
	"ret/shared/workspace"
)

func (s *Server) submitJob(c *chain.Call) error {
	var body struct {
		ID      string          `json:"id"`
		Kind    string          `json:"kind"`
		Files   []string        `json:"files"`
		Options json.RawMessage `json:"options"`
		Key     string          `json:"key"`
	}
	if err := chain.ReadJSON(c.W, c.R, &body); err != nil {
		return err
	}
	spec, err := jobs.New(body.Kind, body.Options, s.Config.JobMaxAttempts)
	if err != nil {
		return err
	}
	spec.ID, spec.Key, spec.Files = body.ID, body.Key, body.Files
	job, err := s.Submit(c, spec)
	if err != nil {
		return err
	}
	return chain.WriteJSON(c.W, http.StatusAccepted, job)
}

func (s *Server) listJobs(c *chain.Call) error {
	page, err := chain.PageOf(c.R)
	if err != nil {
		return err
	}
	state, err := stateOf(c.R)
	if err != nil {
		return err
	}
	list, err := c.Jobs(c.R.Context(), state, page)
	if err != nil {
		return err
	}
	return chain.WriteJSON(c.W, http.StatusOK, list)
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

func (s *Server) getJob(c *chain.Call) error {
	job, err := c.Job(c.R.Context(), c.R.PathValue("id"))
	if err != nil {
		return err
	}
	return chain.WriteJSON(c.W, http.StatusOK, job)
}

func (s *Server) cancelJob(c *chain.Call) error {
	job, err := c.Cancel(c.R.Context(), c.R.PathValue("id"), 0)
	if err != nil {
		return err
	}
	return chain.WriteJSON(c.W, http.StatusAccepted, job)
}

func (s *Server) retryJob(c *chain.Call) error {
	job, err := s.Retry(c, c.R.PathValue("id"))
	if err != nil {
		return err
	}
	return chain.WriteJSON(c.W, http.StatusAccepted, job)
}
