package api

import (
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
	"ret/web/view"
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

// layOutTable keeps how a person has laid out the columns.
func (s *Server) layOutTable(c *chain.Call) error {
	table, err := c.Table(c.R.Context(), c.R.PathValue("id"))
	if err != nil {
		return err
	}
	var layout workspace.Layout
	if err := chain.ReadJSON(c.W, c.R, &layout); err != nil {
		return err
	}
	if err := c.LayOut(c.R.Context(), table.ID, layout); err != nil {
		return err
	}
	c.W.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) tableRows(c *chain.Call) error {
	query, err := tablefile.ParseRows(c.R.URL.Query(), workspace.MaxPage)
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

// rowSource answers with the XML that a row comes from.
func (s *Server) rowSource(c *chain.Call) error {
	row, err := strconv.ParseInt(c.R.PathValue("n"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "A row is named by its number, from 1 on.")
	}
	table, err := c.Table(c.R.Context(), c.R.PathValue("id"))
	if err != nil {
		return err
	}
	defer c.UntilEnded()()
	source, err := s.ReadSource(c, table, row)
	if err != nil {
		return err
	}
	return chain.WriteJSON(c.W, http.StatusOK, source)
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
		return work.OrOvertaken(ctx, err)
	}
	return chain.WriteJSON(c.W, http.StatusOK, p)
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
		return work.OrOvertaken(ctx, err)
	}
	return chain.WriteJSON(c.W, http.StatusOK, values)
}

func valuesQuery(r *http.Request) (tablefile.ValuesQuery, error) {
	page, err := chain.PageOf(r)
	if err != nil {
		return tablefile.ValuesQuery{}, err
	}
	return tablefile.ParseValues(r.URL.Query(), page.After, page.Limit)
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
	addresses, err := s.Addresses(c)
	if err != nil {
		return err
	}
	stored, content, err := s.OpenView(c, table, view.DownloadQuery(addresses, c.R.URL.Query()))
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
