package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strconv"

	"ret/server/httpapi/chain"
	"ret/server/httpapi/work"
	"ret/shared/convert"
	"ret/shared/fault"
	"ret/shared/tablefile"
	"ret/shared/tablefile/download"
	"ret/shared/tablefile/xlsx"
	"ret/shared/workspace"
)

func (s *Server) listTables(c *chain.Call) error {
	page, err := chain.PageOf(c.R)
	if err != nil {
		return err
	}
	q := c.R.URL.Query()
	filter := workspace.TableFilter{Group: q.Get("group"), FileID: q.Get("file"), JobID: q.Get("job"), Source: q.Get("source")}
	list, err := c.Tables(c.R.Context(), filter, page)
	if err != nil {
		return err
	}
	return chain.WriteJSON(c.W, http.StatusOK, list)
}

func (s *Server) getTable(c *chain.Call) error {
	table, err := c.Table(c.R.Context(), c.R.PathValue("id"))
	if err != nil {
		return err
	}
	return chain.WriteJSON(c.W, http.StatusOK, table)
}

func (s *Server) tableRows(c *chain.Call) error {
	query, err := rowsQuery(c.R)
	if err != nil {
		return err
	}
	table, err := c.Table(c.R.Context(), c.R.PathValue("id"))
	if err != nil {
		return err
	}
	rows, err := s.ReadRows(c, table, query)
	if err != nil {
		return err
	}
	return chain.WriteRows(c.W, rows)
}

// rowsQuery reads which rows are asked for.
func rowsQuery(r *http.Request) (tablefile.Query, error) {
	v := r.URL.Query()
	query := tablefile.ParseView(v)
	query.Limit = 100
	var err error
	if text := v.Get("offset"); text != "" {
		if query.Offset, err = strconv.ParseInt(text, 10, 64); err != nil || query.Offset < 0 {
			return query, fault.New(fault.Invalid, "offset must be a number from 0 on.")
		}
	}
	if text := v.Get("limit"); text != "" {
		if query.Limit, err = strconv.Atoi(text); err != nil || query.Limit < 1 || query.Limit > workspace.MaxPage {
			return query, fault.New(fault.Invalid, "limit must be a number between 1 and %d.", workspace.MaxPage)
		}
	}
	return query, nil
}

// tableProfile answers what is in the columns. Whoever asks under other filters meanwhile
// has gone on from this question.
func (s *Server) tableProfile(c *chain.Call) error {
	query := tablefile.ParseView(c.R.URL.Query())
	table, err := c.Table(c.R.Context(), c.R.PathValue("id"))
	if err != nil {
		return err
	}
	ctx := c.R.Context()
	if query.Filtered() {
		var done func()
		ctx, done = s.Profiles.Begin(ctx, c.SessionID+" "+table.ID, query.Values().Encode())
		defer done()
	}
	p, err := s.ReadProfile(ctx, c, table, query)
	if err != nil {
		return orOvertaken(ctx, err)
	}
	return chain.WriteJSON(c.W, http.StatusOK, p)
}

// orOvertaken is why a question was given up, if that is what err is of.
func orOvertaken(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), work.ErrOvertaken) {
		return work.ErrOvertaken
	}
	return err
}

// tableValues answers which values a column has, and how often. Whoever asks anew about
// the same column meanwhile has gone on from this question.
func (s *Server) tableValues(c *chain.Call) error {
	query, err := valuesQuery(c.R)
	if err != nil {
		return err
	}
	table, err := c.Table(c.R.Context(), c.R.PathValue("id"))
	if err != nil {
		return err
	}
	asked := c.R.URL.Query()
	asked.Del("after") // who turns a page still asks the same
	asked.Del("limit")
	ctx, done := s.Profiles.Begin(c.R.Context(), c.SessionID+" "+table.ID+" "+query.Column, asked.Encode())
	defer done()
	values, err := s.ReadValues(ctx, c, table, query)
	if err != nil {
		return orOvertaken(ctx, err)
	}
	answer := struct {
		Items    []tablefile.ColumnValue `json:"items"`
		Next     *string                 `json:"next"`
		Distinct int64                   `json:"distinct"`
	}{Items: values.Items, Distinct: values.Distinct}
	if values.More {
		next := strconv.Itoa(query.Offset + len(values.Items))
		answer.Next = &next
	}
	return chain.WriteJSON(c.W, http.StatusOK, answer)
}

// valuesQuery reads which values are asked for. q is a part of these values, not of any
// column's.
func valuesQuery(r *http.Request) (tablefile.ValuesQuery, error) {
	page, err := chain.PageOf(r)
	if err != nil {
		return tablefile.ValuesQuery{}, err
	}
	v := r.URL.Query()
	query := tablefile.ValuesQuery{
		Column: v.Get("column"), Contains: v.Get("q"), ByCount: v.Get("sort") != "value",
		Limit: cmp.Or(page.Limit, 100), Rows: tablefile.ParseView(v),
	}
	query.Rows.Text = ""
	if sort := v.Get("sort"); sort != "" && sort != "count" && sort != "value" {
		return query, fault.New(fault.Invalid, "sort must be count or value.")
	}
	if page.After != "" {
		if query.Offset, err = strconv.Atoi(page.After); err != nil || query.Offset < 0 {
			return query, fault.New(fault.Invalid, "after must be what the last answer gave as next.")
		}
	}
	return query, nil
}

func (s *Server) tableContent(c *chain.Call) error {
	format, err := download.ParseFormat(c.R.URL.Query())
	if err != nil {
		return err
	}
	table, err := c.Table(c.R.Context(), c.R.PathValue("id"))
	if err != nil {
		return err
	}
	defer c.UntilEnded()()
	stored, content, err := s.OpenView(c, table, tablefile.ParseView(c.R.URL.Query()))
	if err != nil {
		return err
	}
	defer content.Close()
	chain.Attach(c.W, format.ContentType(), format.FileName(table.Name))
	if format.Kind == convert.XLSX {
		return xlsx.Write(c.R.Context(), c.W, []xlsx.Sheet{{Name: table.Name, Table: stored}})
	}
	return stored.WriteCSV(c.R.Context(), c.W, format.CSV)
}
