package work

import (
	"context"

	"ret/server/httpapi/chain"
	"ret/server/queries"
	"ret/shared/query"
)

// RunQuery answers a statement over a session's tables, with so many rows at most. It ends
// when the client leaves and when the session ends.
func (s *Server) RunQuery(c *chain.Call, sql string, rows int) (*query.Result, error) {
	ctx, stop := c.WhileSession()
	defer stop()
	result, err := s.Queries.Run(ctx, asked(c), sql, rows)
	if err == nil {
		err = ctx.Err() // whose session has ended gets nothing
	}
	return result, err
}

// asked is the session of a call as queries know it.
func asked(c *chain.Call) queries.Session {
	return queries.Session{ID: c.SessionID, Workspace: c.Workspace, Folder: c.Folder}
}

// QuerySchema says what statements can read: the first tables, at most so many.
func (s *Server) QuerySchema(ctx context.Context, c *chain.Call, most int) (query.Schema, error) {
	return s.Queries.Describe(ctx, asked(c), most)
}
