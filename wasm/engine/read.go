package engine

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"ret/shared/fault"
	"ret/shared/replica"
	"ret/shared/tablefile"
	"ret/shared/workspace"
)

// Read is a question about a table that the API answers, and that a page puts to the
// replica where the server cannot be asked.
type Read struct {
	ID   string `json:"id"`   // which the answer bears
	Path string `json:"path"` // of the API, and query
}

// Answered is what comes of a Read: what the API would say.
type Answered struct {
	ID     string
	Status int    // of HTTP; 0: the server is to be asked
	Body   []byte // JSON
}

// Read answers a question about a table from what is kept of it.
func (e *Engine) Read(r Read, then func(Answered)) {
	e.put(func() {
		a := e.read(r.Path)
		a.ID = r.ID
		then(a)
	})
}

func (e *Engine) read(path string) Answered {
	answer, err := e.readTable(path)
	if err == nil {
		var body []byte
		if body, err = json.Marshal(answer); err == nil {
			return Answered{Status: 200, Body: body}
		}
	}
	if _, missing := errors.AsType[*replica.MissingRows](err); missing {
		if e.online() {
			return Answered{}
		}
		err = errRowsElsewhere
	}
	status := statuses[fault.KindOf(err)]
	if status == 0 {
		e.cfg.Log("table not read", err)
		return Answered{}
	}
	return Answered{Status: status, Body: problem(status, err)}
}

// problem is an error as the API writes it.
func problem(status int, err error) []byte {
	text, _ := json.Marshal(map[string]any{"status": status, "code": fault.KindOf(err).String(), "detail": fault.Message(err)}) // of strings
	return text
}

// readTable gives what the API answers of a table.
func (e *Engine) readTable(path string) (any, error) {
	at, err := url.ParseRequestURI(path)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "This is no question about a table.")
	}
	named, isTable := strings.CutPrefix(at.Path, "/api/v1/tables/")
	id, about, _ := strings.Cut(named, "/")
	read := questions[about]
	if !isTable || read == nil {
		return nil, fault.New(fault.NotFound, "The copy in this browser does not know that.")
	}
	t, err := e.cfg.Replica.Table(e.ctx, id)
	if err != nil {
		return nil, err
	}
	return read(e, e.ctx, t, at.Query())
}

// questions are those about a table, by what follows its address.
var questions = map[string]func(e *Engine, ctx context.Context, t *workspace.Table, v url.Values) (any, error){
	"":        (*Engine).readColumns,
	"rows":    (*Engine).readRows,
	"profile": (*Engine).readProfile,
	"values":  (*Engine).readValues,
}

func (e *Engine) readColumns(_ context.Context, t *workspace.Table, _ url.Values) (any, error) {
	if len(t.Columns) == 0 && t.Rows > 0 {
		return nil, &replica.MissingRows{TableID: t.ID} // more than a change has room for
	}
	return t, nil
}

func (e *Engine) readRows(ctx context.Context, t *workspace.Table, v url.Values) (any, error) {
	query, err := tablefile.ParseRows(v, workspace.MaxPage)
	if err != nil {
		return nil, err
	}
	return e.cfg.Pages.Rows.Read(ctx, t, query)
}

func (e *Engine) readProfile(ctx context.Context, t *workspace.Table, v url.Values) (any, error) {
	return e.cfg.Pages.Rows.Profile(ctx, t, tablefile.ParseView(v))
}

func (e *Engine) readValues(ctx context.Context, t *workspace.Table, v url.Values) (any, error) {
	limit := 0
	if text := v.Get("limit"); text != "" {
		var err error
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > workspace.MaxPage {
			return nil, fault.New(fault.Invalid, "limit must be a number between 1 and %d.", workspace.MaxPage)
		}
	}
	query, err := tablefile.ParseValues(v, v.Get("after"), limit)
	if err != nil {
		return nil, err
	}
	return e.cfg.Pages.Rows.Values(ctx, t, query)
}
