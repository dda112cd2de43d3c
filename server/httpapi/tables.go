package httpapi

import (
	"fmt"
	"net/http"
	"os"
	"strconv"

	"ret/server/workspaces"
	"ret/shared/convert"
	"ret/shared/fault"
	"ret/shared/tablefile"
	"ret/shared/tablefile/download"
	"ret/shared/tablefile/xlsx"
	"ret/shared/workspace"
)

func (s *Server) listTables(c *call) error {
	page, err := pageOf(c.r)
	if err != nil {
		return err
	}
	q := c.r.URL.Query()
	filter := workspace.TableFilter{Group: q.Get("group"), FileID: q.Get("file"), JobID: q.Get("job"), Source: q.Get("source")}
	list, err := c.Tables(c.r.Context(), filter, page)
	if err != nil {
		return err
	}
	return writeJSON(c.w, http.StatusOK, list)
}

func (s *Server) getTable(c *call) error {
	table, err := c.Table(c.r.Context(), c.r.PathValue("id"))
	if err != nil {
		return err
	}
	return writeJSON(c.w, http.StatusOK, table)
}

func (s *Server) tableRows(c *call) error {
	query, err := rowsQuery(c.r)
	if err != nil {
		return err
	}
	table, err := c.Table(c.r.Context(), c.r.PathValue("id"))
	if err != nil {
		return err
	}
	rows, err := s.readRows(c, table, query)
	if err != nil {
		return err
	}
	return writeRows(c.w, rows)
}

// rowsQuery reads which rows are asked for.
func rowsQuery(r *http.Request) (tablefile.Query, error) {
	v := r.URL.Query()
	query := tablefile.Query{Limit: 100, Sort: v.Get("sort"), Filters: v["filter"]}
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

// viewBytes is what the order of sorted and filtered tables may take in memory: four
// bytes a row, 16 million rows in all.
const viewBytes = 64 << 20

func (s *Server) readRows(c *call, table *workspace.Table, query tablefile.Query) (tablefile.Page, error) {
	stored, content, err := openTable(c.Open, table)
	if err != nil {
		return tablefile.Page{}, err
	}
	defer content.Close()
	return s.views.Page(c.r.Context(), table.ID+" "+table.Blob, stored, query)
}

// openTable opens a stored table; the caller closes its content.
func openTable(open *workspaces.Open, table *workspace.Table) (*tablefile.Table, *os.File, error) {
	var index tablefile.Index
	if err := index.UnmarshalBinary(table.RowIndex); err != nil {
		return nil, nil, err
	}
	content, err := open.Folder.OpenWhole(table.Blob, index.Bytes)
	if err != nil {
		return nil, nil, err
	}
	stored, err := tablefile.Open(content, index)
	if err != nil {
		_ = content.Close()
		return nil, nil, fmt.Errorf("open table: %w", err)
	}
	return stored, content, nil
}

func (s *Server) tableContent(c *call) error {
	format, err := download.ParseFormat(c.r.URL.Query())
	if err != nil {
		return err
	}
	table, err := c.Table(c.r.Context(), c.r.PathValue("id"))
	if err != nil {
		return err
	}
	stored, content, err := openTable(c.Open, table)
	if err != nil {
		return err
	}
	defer content.Close()
	defer c.untilEnded()()
	attach(c.w, format.ContentType(), format.FileName(table.Name))
	if format.Kind == convert.XLSX {
		return xlsx.Write(c.r.Context(), c.w, []xlsx.Sheet{{Name: table.Name, Table: stored}})
	}
	return stored.WriteCSV(c.r.Context(), c.w, format.CSV)
}
