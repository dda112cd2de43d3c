package engine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/url"
	"strings"

	"ret/shared/convert"
	"ret/shared/fault"
	"ret/shared/query"
	"ret/shared/replica"
	"ret/shared/tablefile"
	"ret/shared/tablefile/download"
	"ret/web/page"
	"ret/web/view"
)

// Download is a table, or the answer of a statement, that a person saves while the server cannot be asked.
type Download struct {
	ID   string `json:"id"`   // which the answer bears
	Path string `json:"path"` // of the server's download, and query; /query with sql
}

// Saved is what comes of a Download.
type Saved struct {
	ID          string
	Name        string // of the file
	ContentType string
	Problem     string // why there is none, for a person
}

var (
	errServers          = fault.New(fault.Unavailable, "The server gives this table out.")
	errContentElsewhere = fault.New(fault.Unavailable, "Not all rows of this table are in this browser, and the server cannot be reached now.")
	errNoWorkbook       = fault.New(fault.Unavailable, "Workbooks can be downloaded when the server can be reached again. CSV is there without it.")
	errNeedsServer      = fault.New(fault.Unavailable, "This can be downloaded when the server can be reached again. Tables one by one are in this browser.")
)

// Download writes it as the server would, and says afterwards what came of
// it.
func (e *Engine) Download(d Download, to io.Writer, then func(Saved)) {
	e.put(func() {
		saved, err := e.download(d.Path, to)
		if err != nil {
			if !errors.Is(err, errServers) {
				e.cfg.Log("table not saved", err)
			}
			saved = Saved{Problem: fault.Message(err)}
		}
		saved.ID = d.ID
		then(saved)
	})
}

func (e *Engine) download(path string, to io.Writer) (saved Saved, err error) {
	at, err := url.ParseRequestURI(path)
	if err != nil {
		return saved, fault.Wrap(fault.Invalid, err, "This is no address of a download.")
	}
	if at.Path == "/query" {
		return e.downloadAnswer(at.Query().Get("sql"), to)
	}
	return e.downloadTable(at, to)
}

// downloadAnswer writes all rows that a statement finds in the tables that are here.
func (e *Engine) downloadAnswer(sql string, to io.Writer) (saved Saved, err error) {
	if e.online() {
		return saved, errServers
	}
	each := func(ctx context.Context, sql string, head func([]query.Column) error, row func([]any) error) error {
		return query.Each(ctx, keptTables{e}, sql, e.queryLimits(0), head, row)
	}
	saved = Saved{Name: page.QueryFile, ContentType: page.QueryFileType}
	return saved, query.WriteCSV(e.ctx, each, sql, to, func() {})
}

func (e *Engine) downloadTable(at *url.URL, to io.Writer) (saved Saved, err error) {
	id, isTable := strings.CutPrefix(at.Path, "/api/v1/tables/")
	id, isContent := strings.CutSuffix(id, "/content")
	if !isTable || !isContent {
		return saved, errNeedsServer
	}
	format, err := download.ParseFormat(at.Query())
	if err != nil {
		return saved, err
	}
	if e.online() {
		if where, err := e.cfg.Replica.LocalContent(e.ctx, id); err != nil || where == nil {
			return saved, errors.Join(errServers, err)
		}
	}
	if format.Kind == convert.XLSX {
		return saved, errNoWorkbook
	}
	t, err := e.cfg.Replica.Table(e.ctx, id)
	if err != nil {
		return saved, err
	}
	rows, err := e.cfg.Pages.Rows.Table(e.ctx, t)
	if _, missing := errors.AsType[*replica.MissingRows](err); missing {
		return saved, errContentElsewhere
	}
	if err != nil {
		return saved, err
	}
	asked, err := e.downloadQuery(at.Query())
	if err != nil {
		return saved, err
	}
	if rows, err = e.shown(rows, asked); err != nil {
		return saved, err
	}
	return Saved{Name: format.FileName(t.Name), ContentType: format.ContentType()}, rows.WriteCSV(e.ctx, to, format.CSV)
}

// downloadQuery is what a download is to have.
func (e *Engine) downloadQuery(v url.Values) (tablefile.Query, error) {
	if !v.Has(page.QueryView) {
		return view.DownloadQuery(nil, v), nil
	}
	facts, err := e.facts()
	if err != nil {
		return tablefile.Query{}, err
	}
	addresses, err := page.NewAddresses(facts.Addresses)
	return view.DownloadQuery(addresses, v), err
}

// shown is what a view shows of a table, as a table.
func (e *Engine) shown(rows *tablefile.Table, view tablefile.Query) (*tablefile.Table, error) {
	if view.Plain() && view.AllColumns() {
		return rows, nil
	}
	var content bytes.Buffer
	index, err := tablefile.NewViews(0).Copy(e.ctx, nil, "", rows, view, &content)
	if err != nil {
		return nil, err
	}
	return tablefile.Open(bytes.NewReader(content.Bytes()), index)
}
