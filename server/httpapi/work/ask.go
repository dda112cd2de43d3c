package work

import (
	"context"
	"time"

	"ret/server/httpapi/chain"
	"ret/server/jobs"
	"ret/shared/fault"
	"ret/shared/workspace"
)

// askingAtOnce is how many questions of one session may wait or be answered.
const askingAtOnce = 4

// Ask submits a question. ErrNoModel, ErrNoConsent, or TooMany while several others wait.
func (s *Server) Ask(c *chain.Call, question string) (*workspace.Job, error) {
	spec, err := jobs.NewQuestion(question)
	if err != nil {
		return nil, err
	}
	return s.Submit(c, spec)
}

// mayAsk says whether the session may ask one more question.
func (s *Server) mayAsk(c *chain.Call) error {
	if err := s.Asking.MayAsk(c.R.Context(), c.Workspace); err != nil {
		return err
	}
	waiting, err := c.CountAsking(c.R.Context())
	if err != nil {
		return err
	}
	if waiting >= askingAtOnce {
		return &fault.Error{Kind: fault.TooMany, RetryAfter: 5 * time.Second, Message: "Several questions of this session are being answered already. Wait for one of them, or stop it."}
	}
	return nil
}

// endpoint names what a purpose sends cells to; "" if it is nothing.
func (s *Server) endpoint(purpose workspace.Purpose) string {
	switch {
	case purpose == workspace.PurposeChat && s.Asking != nil:
		return s.Asking.Name()
	case purpose == workspace.PurposeEmbed:
		return s.Embedding
	}
	return ""
}

// Consent is an endpoint, and when the session's person has said yes to it.
type Consent struct {
	Endpoint string     `json:"endpoint"`
	GivenAt  *time.Time `json:"given_at"`
}

// ConsentTo is the consent to a purpose; nil where nothing is set up for it.
func (s *Server) ConsentTo(c *chain.Call, purpose workspace.Purpose) (*Consent, error) {
	consent := &Consent{Endpoint: s.endpoint(purpose)}
	if consent.Endpoint == "" {
		return nil, nil
	}
	given, err := c.Consents(c.R.Context(), purpose, consent.Endpoint)
	if err == nil && !given.IsZero() {
		consent.GivenAt = &given
	}
	return consent, err
}

// SetConsent notes a yes to the endpoint that the person saw, or takes it back. Conflict
// if it is another one by now, NotFound if there is none.
func (s *Server) SetConsent(c *chain.Call, purpose workspace.Purpose, yes bool, seen string) error {
	ctx := c.R.Context()
	if !yes {
		return s.withdraw(ctx, c, purpose)
	}
	switch now := s.endpoint(purpose); now {
	case "":
		return fault.New(fault.NotFound, "This server has no such endpoint, so there is nothing to say yes to.")
	case seen:
		if err := c.Consent(ctx, purpose, now); err != nil || purpose != workspace.PurposeEmbed {
			return err
		}
		return s.index(ctx, c)
	default:
		return fault.New(fault.Conflict, "The endpoint is another one now than the one that was shown. Load the page again and read what it says.")
	}
}

// withdraw takes a yes back, and stops what is being asked.
func (s *Server) withdraw(ctx context.Context, c *chain.Call, purpose workspace.Purpose) error {
	if err := c.Withdraw(ctx, purpose); err != nil || purpose != workspace.PurposeChat {
		return err
	}
	asked, err := c.Questions(ctx, askingAtOnce)
	if err != nil {
		return err
	}
	for _, a := range asked {
		if a.Job.State.Finished() {
			continue
		}
		if _, err := c.Cancel(ctx, a.Job.ID, 0); err != nil {
			return err
		}
	}
	return nil
}
