package work

import (
	"context"
	"time"

	"ret/server/httpapi/chain"
	"ret/shared/search"
	"ret/shared/workspace"
)

// searchTime is how long rows are looked through for one question.
const searchTime = 2 * time.Second

// Search answers a question over all tables of a session. Whoever asks another question
// meanwhile has gone on from this one, which is then given up with ErrOvertaken.
func (s *Server) Search(ctx context.Context, c *chain.Call, q search.Question, asked string) (search.Answer, error) {
	ctx, done := s.Searches.Begin(ctx, c.SessionID, asked)
	defer done()
	q.Within = searchTime
	answer, err := c.Index.Find(ctx, q)
	if err != nil {
		return answer, OrOvertaken(ctx, err)
	}
	if !answer.Indexed || c.Meaning != nil {
		s.indexAnew(ctx, c)
	}
	return answer, nil
}

// index has the session's index brought up to date.
func (s *Server) index(ctx context.Context, c *chain.Call) error {
	if s.Queue.Workers() == 0 {
		return nil // it would wait for ever
	}
	done, err := c.Expect(ctx)
	if err != nil {
		return err
	}
	defer done()
	return c.SubmitUnlessUnderway(ctx, workspace.NewJob{Kind: workspace.KindIndex})
}

// indexAnew has the index made where it is missing: it does not outlive the process.
func (s *Server) indexAnew(ctx context.Context, c *chain.Call) {
	missed, err := c.Index.Missed(ctx)
	if err == nil && !missed && c.Meaning != nil {
		missed, err = c.Meaning.Missed(ctx)
	}
	if err == nil && missed {
		err = s.index(ctx, c)
	}
	if err != nil && ctx.Err() == nil {
		s.Log.Warn("index of a session not asked for", "session", c.SessionID, "err", err)
	}
}
