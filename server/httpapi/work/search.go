package work

import (
	"context"
	"time"

	"ret/server/httpapi/chain"
	"ret/shared/search"
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
	return answer, nil
}
