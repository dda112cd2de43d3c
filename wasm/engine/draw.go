package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ret/shared/fault"
	"ret/shared/profile"
	"ret/shared/replica"
	"ret/shared/tablefile"
	"ret/shared/workspace"
	"ret/web/page"
	"ret/web/view"
)

// Pages is what an engine draws whole pages with; all fields are needed.
type Pages struct {
	Fetch Fetch       // asks the server
	Drawn func(Drawn) // says a page; must not wait
	Rows  *replica.Rows
	Now   func() time.Time // this computer's clock, with its steady half
}

// Fetch begins to ask the server for a path, and tells what it answers, or 0 if
// it cannot be reached. It does not wait; then may be called from any goroutine.
// question is the id of the Draw that waits for it, or empty: whoever asks to be drawn
// a page hears that the server is being asked, and may give that up.
type Fetch func(question, path string, then func(status int, body []byte))

// Draw is a page that someone asks for: a tab, or the service worker.
type Draw struct {
	ID   string `json:"id"`   // which the answer bears
	Path string `json:"path"` // and query
}

// Drawn answers a Draw.
type Drawn struct {
	ID     string
	Status int // of HTTP; 0: the server is to be asked
	HTML   string
}

// Draw draws a page from the replica. Rows of tables that it lacks are asked for
// first, if there is a server.
func (e *Engine) Draw(d Draw) {
	e.put(func() { e.draw(d, nil) })
}

// draw draws a page, with the rows that were asked for if some were missing.
func (e *Engine) draw(d Draw, got *gotRows) {
	html, err := e.page(d.Path, got)
	var missing *replica.MissingRows
	switch {
	case err == nil:
		e.cfg.Pages.Drawn(Drawn{d.ID, 200, html})
		e.fetchOpened(d.Path)
	case errors.As(err, &missing) && e.online() && got == nil:
		e.fetchRows(d.ID, missing, func(got *gotRows) { e.draw(d, got) }, func() { e.cfg.Pages.Drawn(Drawn{ID: d.ID}) })
	default:
		e.cfg.Pages.Drawn(e.undrawn(d, err))
	}
}

// errNotWhole means that the replica is not such that pages can be drawn.
var errNotWhole = errors.New("the replica is not whole")

// page is the HTML of a page. A replica that was whole once can be shown while
// the server is out of reach, but not while it catches up.
func (e *Engine) page(path string, got *gotRows) (string, error) {
	if !e.ready && e.online() {
		return "", errNotWhole
	}
	facts, err := e.facts()
	if err != nil {
		return "", err
	}
	at, err := url.ParseRequestURI(path)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, err, "This is no address of a page.")
	}
	drawn, err := view.Draw(e.ctx, e.cfg.Replica.Workspace, at, view.Around{
		Facts: facts, Now: e.clock.now(), Rows: e.reader(got),
		Profile: e.learn,
		Search:  e.search,
		Query:   e.query,
		Kinds:   e.knownKinds,
		Rates:   func(string) []float64 { return nil },
		Replica: true, Online: e.online(),
	})
	if err != nil {
		return "", err
	}
	var html strings.Builder
	err = drawn.Render(e.ctx, &html)
	return html.String(), err
}

// learn says what is in the columns of a table that is here whole.
func (e *Engine) learn(ctx context.Context, t *workspace.Table, q tablefile.Query) (p profile.Profile, err error) {
	p, err = e.cfg.Pages.Rows.Profile(ctx, t, q)
	if _, missing := errors.AsType[*replica.MissingRows](err); missing {
		return p, view.ErrElsewhere
	}
	return p, err
}

// undrawn answers for a page that could not be drawn: the server knows better
// while it is there, otherwise a person reads why.
func (e *Engine) undrawn(d Draw, err error) Drawn {
	var missing *replica.MissingRows
	switch {
	case e.online() || errors.Is(err, errNotWhole):
		return Drawn{ID: d.ID}
	case errors.As(err, &missing):
		err = errRowsElsewhere
	case errors.Is(err, view.ErrNoPage):
		err = errPageElsewhere
	}
	return e.whyNot(d, err)
}

var (
	errRowsElsewhere = fault.New(fault.Unavailable, "These rows are not in this browser, and the server cannot be reached now. Pages of a table that you have looked at, and small tables, are kept here.")
	errPageElsewhere = fault.New(fault.Unavailable, "This page comes from the server, which cannot be reached now. The workbench, jobs and tables are in this browser.")
)

// statuses of pages that could not be drawn without a server.
var statuses = map[fault.Kind]int{fault.NotFound: 404, fault.Invalid: 400, fault.TooLarge: 413, fault.Unavailable: 503}

// whyNot draws why there is no page, if there is a frame to put it in.
func (e *Engine) whyNot(d Draw, err error) Drawn {
	status := statuses[fault.KindOf(err)]
	facts, factsErr := e.facts()
	if status == 0 || factsErr != nil {
		e.cfg.Log("page not drawn", err)
		return Drawn{ID: d.ID}
	}
	frame, err2 := view.Frame(e.ctx, e.cfg.Replica.Workspace, page.Frame{Title: "Not shown"}, facts, e.clock.now())
	var html strings.Builder
	if err2 == nil {
		err2 = page.Problem(frame, page.ProblemView{Status: status, Detail: fault.Message(err)}).Render(e.ctx, &html)
	}
	if err2 != nil {
		e.cfg.Log("page not drawn", err2)
		return Drawn{ID: d.ID}
	}
	return Drawn{d.ID, status, html.String()}
}

// facts are what was last heard of the viewer. Greeting the server tells anew
// when the session ends.
func (e *Engine) facts() (view.Facts, error) {
	v, err := e.viewer()
	facts := v.Facts
	if err != nil {
		return facts, err
	}
	facts.Offline = true // the copy is here
	if e.greeting.ExpiresAt.After(facts.ExpiresAt) {
		facts.ExpiresAt = e.greeting.ExpiresAt
	}
	return facts, nil
}

// viewer is what the server has said of who looks, as it is kept.
type viewer struct {
	view.Facts
	HeardAt time.Time `json:"heard_at,omitzero"` // by this computer's clock
}

func (e *Engine) viewer() (v viewer, err error) {
	text, err := e.cfg.Replica.Viewer(e.ctx)
	if err != nil {
		return v, err
	}
	if text == nil {
		return v, errNotWhole
	}
	if err := json.Unmarshal(text, &v); err != nil {
		return v, fmt.Errorf("read viewer: %w", err)
	}
	return v, nil
}

// askViewer asks who looks, once the replica is whole.
func (e *Engine) askViewer() {
	epoch := e.cfg.Replica.Epoch()
	e.cfg.Pages.Fetch("", "/api/v1/viewer", func(status int, body []byte) {
		e.put(func() {
			if status != 200 || e.cfg.Replica.Epoch() != epoch || !e.ready {
				return
			}
			if err := e.hearViewer(body); err != nil {
				e.cfg.Log("viewer not kept", err)
				return
			}
			e.askViewerAgain()
		})
	})
}

// hearViewer keeps what the server says of who looks, and goes by its clock.
func (e *Engine) hearViewer(body []byte) error {
	v := viewer{HeardAt: e.cfg.Pages.Now()}
	if err := json.Unmarshal(body, &v.Facts); err != nil {
		return fmt.Errorf("read viewer: %w", err)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write viewer: %w", err)
	}
	if err := e.cfg.Replica.SetViewer(e.ctx, text); err != nil {
		return err
	}
	e.clock.said(v.SaidAt, v.HeardAt)
	e.lookForEnd()
	return nil
}

// gotRows are rows that the server gave.
type gotRows struct {
	tableID string
	query   tablefile.Query
	page    tablefile.Page
}

// reader reads rows that are kept, or that were just got: those of a sorted table
// are not kept, and what is kept may already have gone again for want of room.
func (e *Engine) reader(got *gotRows) view.ReadRows {
	return func(ctx context.Context, t *workspace.Table, q tablefile.Query) (tablefile.Page, error) {
		rows, err := e.cfg.Pages.Rows.Read(ctx, t, q)
		var missing *replica.MissingRows
		if errors.As(err, &missing) && got != nil && got.tableID == t.ID {
			if from := q.Offset - got.query.Offset; from >= 0 && from <= int64(len(got.page.Rows)) {
				rows = got.page
				rows.Offset = q.Offset
				if end := from + int64(q.Limit); end <= int64(len(rows.Rows)) {
					rows.Rows, rows.Next = rows.Rows[:end], nil
				}
				rows.Rows = rows.Rows[from:]
				return rows, nil
			}
		}
		return rows, err
	}
}

// fetchRows asks the server for rows that someone waits for.
func (e *Engine) fetchRows(question string, m *replica.MissingRows, then func(*gotRows), otherwise func()) {
	e.askRows(question, m.TableID, m.Query, func(t *workspace.Table, got *gotRows) {
		if got == nil {
			otherwise()
			return
		}
		if next := got.page.Next; next != nil && *next <= m.Wanted.Offset && got.query.Offset < m.Wanted.Offset {
			e.fetchRows(question, &replica.MissingRows{TableID: m.TableID, Query: m.Wanted, Wanted: m.Wanted}, then, otherwise)
			return // large rows before those that are wanted filled the answer
		}
		if err := e.cfg.Pages.Rows.Keep(e.ctx, t, m.Query, got.page); err != nil {
			e.cfg.Log("rows not kept", err)
		}
		then(got)
		e.stand()
	})
}

// askRows asks the server for rows of a table, and tells the engine's goroutine:
// no table if it is gone, no rows if the server did not give them. question is as in Fetch.
func (e *Engine) askRows(question, tableID string, q tablefile.Query, then func(*workspace.Table, *gotRows)) {
	e.cfg.Pages.Fetch(question, rowsPath(tableID, q), func(status int, body []byte) {
		e.put(func() {
			t, err := e.cfg.Replica.Table(e.ctx, tableID)
			got := &gotRows{tableID: tableID, query: q}
			switch {
			case err != nil:
				then(nil, nil)
			case status != 200 || json.Unmarshal(body, &got.page) != nil:
				then(t, nil)
			default:
				then(t, got)
			}
		})
	})
}

func rowsPath(tableID string, q tablefile.Query) string {
	v := q.Values()
	v.Set("offset", strconv.FormatInt(q.Offset, 10))
	v.Set("limit", strconv.Itoa(q.Limit))
	return "/api/v1/tables/" + url.PathEscape(tableID) + "/rows?" + v.Encode()
}
