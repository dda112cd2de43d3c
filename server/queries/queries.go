// Package queries answers SQL over the tables of sessions, within the settings' bounds.
//
// A session runs one statement at a time: the next one waits until it has ended. All
// sessions together run as many as there are places, which they are given in turn, so
// that memory and processors are shared.
package queries

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"ret/server/files"
	"ret/server/turns"
	"ret/shared/fault"
	"ret/shared/query"
	"ret/shared/tablefile"
	"ret/shared/workspace"
)

// Session is whose tables are asked.
type Session struct {
	ID        string
	Workspace *workspace.Workspace
	Folder    *files.Folder
}

// Queries answers for all sessions. It may be used concurrently.
type Queries struct {
	limits query.Limits
	places *turns.Places
	views  *tablefile.Views

	mu    sync.Mutex
	lines map[string]*line // by session
}

// New answers as many statements at once as there are places. limits bound each; those of
// its rows do not matter.
func New(limits query.Limits, places int) *Queries {
	return &Queries{limits: limits, places: turns.New(max(places, 1)), views: tablefile.NewViews(0), lines: make(map[string]*line)}
}

// Run answers a statement with so many rows at most, as query.Run does.
func (q *Queries) Run(ctx context.Context, of Session, sql string, rows int) (*query.Result, error) {
	leave, err := q.enter(ctx, of.ID)
	if err != nil {
		return nil, err
	}
	defer leave()
	limits := q.limits
	limits.Rows = rows
	return query.Run(ctx, q.tables(of), sql, limits)
}

// Each gives out all rows of an answer, as query.Each does.
func (q *Queries) Each(ctx context.Context, of Session, sql string, head func([]query.Column) error, row func([]any) error) error {
	leave, err := q.enter(ctx, of.ID)
	if err != nil {
		return err
	}
	defer leave()
	return query.Each(ctx, q.tables(of), sql, q.limits, head, row)
}

// Describe says what statements can read: the first tables, at most so many.
func (q *Queries) Describe(ctx context.Context, of Session, most int) (query.Schema, error) {
	return query.Describe(ctx, q.tables(of), most)
}

// Limits are those of each statement.
func (q *Queries) Limits() query.Limits { return q.limits }

// mostWaiting is how many statements of one session may wait.
const mostWaiting = 8

// line is where the statements of a session wait for each other.
type line struct {
	place chan struct{} // holds one
	users int
}

// enter waits for the session's turn, and then for a place.
func (q *Queries) enter(ctx context.Context, session string) (leave func(), err error) {
	l, err := q.line(session)
	if err != nil {
		return nil, err
	}
	select {
	case l.place <- struct{}{}:
	case <-ctx.Done():
		q.drop(session, l)
		return nil, ctx.Err()
	}
	place, err := q.places.Enter(ctx, session)
	if err != nil {
		<-l.place
		q.drop(session, l)
		return nil, err
	}
	return func() {
		place.Leave()
		<-l.place
		q.drop(session, l)
	}, nil
}

func (q *Queries) line(session string) (*line, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.lines[session]
	if l == nil {
		l = &line{place: make(chan struct{}, 1)}
		q.lines[session] = l
	}
	if l.users > mostWaiting {
		return nil, &fault.Error{Kind: fault.TooMany, Message: "Several queries are waiting already. Wait for them, or stop one.", RetryAfter: time.Second}
	}
	l.users++
	return l, nil
}

func (q *Queries) drop(session string, l *line) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if l.users--; l.users == 0 {
		delete(q.lines, session)
	}
}

func (q *Queries) tables(of Session) query.Tables { return &tables{of, q.views} }

// tables are those of a session. It implements query.Tables.
type tables struct {
	of    Session
	views *tablefile.Views // for what is kept on the session's shelf
}

// List implements query.Tables.
func (t *tables) List(ctx context.Context) ([]query.Listed, error) {
	names, err := t.of.Workspace.TableNames(ctx)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	list := make([]query.Listed, len(names))
	for i, n := range names {
		list[i] = query.Listed(n)
	}
	return list, nil
}

// Open implements query.Tables.
func (t *tables) Open(ctx context.Context, id string) (*query.Table, error) {
	known, err := t.of.Workspace.Table(ctx, id)
	if err != nil {
		return nil, err
	}
	var index tablefile.Index
	if err := index.UnmarshalBinary(known.RowIndex); err != nil {
		return nil, err
	}
	content, err := t.of.Folder.OpenWhole(known.Blob, index.Bytes)
	if err != nil {
		return nil, err
	}
	opened, err := t.opened(ctx, known, content, index)
	if err != nil {
		_ = content.Close()
		return nil, fmt.Errorf("open table: %w", err)
	}
	return opened, nil
}

func (t *tables) opened(ctx context.Context, known *workspace.Table, content *files.Content, index tablefile.Index) (*query.Table, error) {
	rows, err := tablefile.Open(content, index)
	if err != nil {
		return nil, err
	}
	kinds, err := t.views.Kinds(ctx, shelf{t.of.Folder.Shelf(), known.Blob}, known.ID+" "+known.Blob, rows)
	if err != nil {
		return nil, err
	}
	return &query.Table{Source: known.Source, Columns: known.Columns, Kinds: kinds, Rows: rows, Close: content.Close}, nil
}

// shelf is the part of a session's shelf that keeps what is known of one table.
type shelf struct {
	*files.Shelf
	blob string
}

// Keep implements tablefile.Shelf.
func (s shelf) Keep(key string, write func(io.Writer) error) error {
	return s.Shelf.Keep(s.blob, key, write)
}

// Kept implements tablefile.Shelf.
func (s shelf) Kept(key string) (tablefile.Kept, error) {
	content, err := s.Shelf.Kept(s.blob, key)
	if content == nil || err != nil {
		return nil, err
	}
	return content, nil
}
