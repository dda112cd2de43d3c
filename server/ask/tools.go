package ask

import (
	"context"
	"encoding/json"

	"ret/server/model"
	"ret/shared/fault"
	"ret/shared/workspace"
)

// The tools, which is all that the model can do.
const (
	toolSQL    = "sql"
	toolSearch = "search"
)

// Bounds of one call.
const (
	maxHits     = 20
	maxRows     = 200
	maxSQL      = 8 << 10
	maxWords    = 500
	maxCallArgs = 16 << 10
)

func tools() []model.Tool {
	return []model.Tool{
		{
			Name:        toolSQL,
			Description: "Runs one SELECT in SQLite's dialect over the tables and returns its columns and rows, with the number of the source to cite.",
			Parameters:  json.RawMessage(`{"type":"object","properties":{"sql":{"type":"string"}},"required":["sql"]}`),
		},
		{
			Name:        toolSearch,
			Description: "Finds cells by words in all tables and returns the best ones with table, row and column, each with the number of the source to cite.",
			Parameters:  json.RawMessage(`{"type":"object","properties":{"words":{"type":"string"}},"required":["words"]}`),
		},
	}
}

// call does what the model asks for, or tells it why not. Errors are of the context.
func (r *run) call(ctx context.Context, call model.ToolCall) (string, error) {
	var args struct {
		SQL   string `json:"sql"`
		Words string `json:"words"`
	}
	text := call.Function.Arguments
	if len(text) > maxCallArgs || json.Unmarshal([]byte(text), &args) != nil {
		return r.wrongCall("The arguments must be a JSON object as the tool describes it."), nil
	}
	switch call.Function.Name {
	case toolSQL:
		if args.SQL == "" || len(args.SQL) > maxSQL {
			return r.wrongCall("sql must be a statement, of 8 KiB at most."), nil
		}
		return r.sql(ctx, args.SQL)
	case toolSearch:
		if args.Words == "" || len(args.Words) > maxWords {
			return r.wrongCall("words must be some words."), nil
		}
		return r.search(ctx, args.Words)
	}
	return r.wrongCall("There is no such tool. There are sql and search."), nil
}

func (r *run) wrongCall(sentence string) string {
	r.wrong++
	return problem(sentence)
}

func problem(sentence string) string {
	return toJSON(struct {
		Error string `json:"error"`
	}{sentence})
}

// sqlAnswer is what the model gets for a query.
type sqlAnswer struct {
	Source  int         `json:"source"`
	Columns []string    `json:"columns"`
	Rows    [][]*string `json:"rows"`
	Note    string      `json:"note,omitempty"`
}

func (r *run) sql(ctx context.Context, sql string) (string, error) {
	r.cfg.Doing("runs SQL")
	thing := workspace.Shown{Tool: toolSQL, Asked: sql}
	result, err := r.cfg.Data.Query(ctx, sql, maxRows)
	if err != nil {
		return r.failed(ctx, thing, err)
	}
	thing.Columns, thing.Cut = result.Columns, result.Cut
	seen := r.shown.show(thing, result.Rows)
	rows := len(seen.Rows)
	if seen.Cut {
		rows = -1
	}
	n := r.shown.source(workspace.Citation{SQL: sql}, append(flat(seen.Rows), sql), rows)
	return toJSON(sqlAnswer{n, seen.Columns, seen.Rows, r.note(seen.Cut)}), nil
}

// searchAnswer is what the model gets for words.
type searchAnswer struct {
	Hits []foundCell `json:"hits"`
	Note string      `json:"note,omitempty"`
}

type foundCell struct {
	Source int    `json:"source"`
	Table  string `json:"table"`
	Row    int64  `json:"row"`
	Column string `json:"column"`
	Text   string `json:"text"`
}

func (r *run) search(ctx context.Context, words string) (string, error) {
	r.cfg.Doing("searches")
	thing := workspace.Shown{Tool: toolSearch, Asked: words, Columns: []string{"found"}}
	hits, err := r.cfg.Data.Search(ctx, words, maxHits)
	if err != nil {
		return r.failed(ctx, thing, err)
	}
	var cells [][]*string
	for i := range hits {
		cells = append(cells, []*string{&hits[i].Text})
	}
	seen := r.shown.show(thing, cells)
	answer := searchAnswer{Hits: []foundCell{}, Note: r.note(seen.Cut)}
	for i, row := range seen.Rows {
		h, text := hits[i], *row[0]
		n := r.shown.source(workspace.Citation{TableID: h.TableID, Table: h.Table, Row: h.Row, Column: h.Column}, []string{text}, -1)
		answer.Hits = append(answer.Hits, foundCell{n, h.Table, h.Row, h.Column, text})
	}
	return toJSON(answer), nil
}

// failed tells the model what went wrong, by the sentence for people.
func (r *run) failed(ctx context.Context, thing workspace.Shown, err error) (string, error) {
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	thing.Problem = fault.Message(err)
	r.shown.show(thing, nil)
	return problem(thing.Problem), nil
}

func (r *run) note(cut bool) string {
	switch {
	case !cut:
		return ""
	case r.shown.left() <= 0:
		return "There is more, but you have been shown all the cells that you may be shown. Answer with what you have."
	default:
		return "There is more that you are not shown. Aggregate, or ask for less."
	}
}

func flat(rows [][]*string) (all []string) {
	for _, row := range rows {
		all = append(all, texts(row)...)
	}
	return all
}
