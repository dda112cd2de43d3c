package work

import (
	"context"
	"time"

	"ret/server/httpapi/chain"
	"ret/server/jobs"
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
	if !answer.Indexed {
		s.indexAnew(ctx, c)
	}
	return answer, nil
}

// indexAnew has the index made where it is missing: it does not outlive the process.
func (s *Server) indexAnew(ctx context.Context, c *chain.Call) {
	missed, err := c.Index.Missed(ctx)
	if err == nil && missed && s.Queue.Workers() > 0 {
		var done func()
		if done, err = c.Expect(ctx); err == nil {
			err = c.SubmitUnlessUnderway(ctx, workspace.NewJob{Kind: jobs.IndexKind})
			done()
		}
	}
	if err != nil && ctx.Err() == nil {
		s.Log.Warn("index of a session not asked for", "session", c.SessionID, "err", err)
	}
}
