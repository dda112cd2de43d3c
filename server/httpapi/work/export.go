package work

import (
	"archive/zip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"ret/server/files"
	"ret/server/httpapi/chain"
	"ret/server/workspaces"
	"ret/shared/convert"
	"ret/shared/fold"
	"ret/shared/tablefile/download"
	"ret/shared/tablefile/xlsx"
	"ret/shared/workspace"
)

// SendExport streams a zip of the chosen tables and their manifest; only, if not
// nil, names the tables to take. The answer begins at once, so what goes wrong breaks
// it off.
func (s *Server) SendExport(c *chain.Call, f download.Format, choice workspace.TableFilter, only map[string]bool) error {
	spool, err := c.Folder.CreateScratch()
	if err != nil {
		return err
	}
	defer spool.Close()
	defer c.UntilEnded()()
	chain.Attach(c.W, "application/zip", "tables.zip")
	e := &exporter{open: c.Open, format: f, names: convert.NewNames(), choice: choice, only: only, zip: zip.NewWriter(c.W), manifest: convert.NewManifestWriter(spool)}
	c.W.WriteHeader(http.StatusOK)
	return e.run(c.R.Context(), spool)
}

// exporter writes one export.
type exporter struct {
	open   *workspaces.Open
	format download.Format
	names  *convert.Names
	choice workspace.TableFilter
	only   map[string]bool
	zip    *zip.Writer

	manifest *convert.ManifestWriter // what becomes manifest.json when all tables are out
}

// run writes the zip. The manifest, which names all that went before it, waits in
// spool and not in memory.
func (e *exporter) run(ctx context.Context, spool *files.Scratch) error {
	err := e.open.EachManifest(ctx, func(d workspace.ManifestEntry) error {
		return e.document(ctx, d)
	})
	if err == nil {
		err = e.merged(ctx)
	}
	if err == nil {
		err = e.addManifest(spool)
	}
	if err == nil {
		err = e.zip.Close()
	}
	return err
}

// document adds a document's tables and its place in the manifest.
func (e *exporter) document(ctx context.Context, d workspace.ManifestEntry) error {
	var file convert.File
	if err := json.Unmarshal(d.Manifest, &file); err != nil {
		return fmt.Errorf("read manifest: %w", err)
	}
	if !e.chosen(file.Group, d.FileID, d.JobID) {
		return nil
	}
	tables := e.wanted(d.Tables)
	file.Tables = keepTables(file.Tables, tables)
	names := e.names.Document(file.Path, tableNames(tables), e.format.Kind)
	for i := range file.Tables {
		file.Tables[i].File = names[i]
	}
	if err := e.manifest.Add(convert.Result{Files: []convert.File{file}}); err != nil {
		return err
	}
	return e.write(ctx, tables, names)
}

// keepTables leaves of a manifest's tables those that are exported.
func keepTables(listed []convert.Table, tables []*workspace.Table) []convert.Table {
	there := make(map[string]bool, len(tables))
	for _, t := range tables {
		there[t.Name] = true
	}
	var kept []convert.Table
	for _, t := range listed {
		if there[t.Name] {
			kept = append(kept, t)
		}
	}
	return kept
}

// merged adds the tables that classes of documents share.
func (e *exporter) merged(ctx context.Context) error {
	classes, err := e.open.MergedTables(ctx)
	if err != nil {
		return err
	}
	for _, tables := range classes {
		if !e.chosen(tables[0].Group, orNone(tables[0].FileID), tables[0].JobID) {
			continue
		}
		if tables = e.wanted(tables); len(tables) == 0 {
			continue
		}
		m := &convert.Merged{Group: tables[0].Group, Root: tables[0].Root}
		names := e.names.Merged(m.Group, tableNames(tables), e.format.Kind)
		for i, t := range tables {
			m.Tables = append(m.Tables, convert.Table{Name: t.Name, Parent: parentName(tables, t), File: names[i], Rows: t.Rows, Columns: t.Columns})
		}
		if err := e.manifest.Add(convert.Result{Merged: m}); err != nil {
			return err
		}
		if err := e.write(ctx, tables, names); err != nil {
			return err
		}
	}
	return nil
}

func parentName(tables []*workspace.Table, t *workspace.Table) *string {
	for _, p := range tables {
		if t.ParentID != nil && p.ID == *t.ParentID {
			return &p.Name
		}
	}
	return nil
}

func tableNames(tables []*workspace.Table) []string {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = t.Name
	}
	return names
}

// sameGroup compares groups as everywhere: without regard to case. No choice
// takes all.
func sameGroup(choice, group string) bool {
	return choice == "" || fold.Equal(choice, group)
}

// chosen reports whether what comes from a group, a file and a job is asked for.
func (e *exporter) chosen(group, fileID, jobID string) bool {
	return sameGroup(e.choice.Group, group) &&
		(e.choice.FileID == "" || e.choice.FileID == fileID) &&
		(e.choice.JobID == "" || e.choice.JobID == jobID)
}

func orNone(id *string) string {
	if id == nil {
		return ""
	}
	return *id
}

// wanted leaves the tables that were asked for by id.
func (e *exporter) wanted(tables []*workspace.Table) []*workspace.Table {
	if e.only == nil {
		return tables
	}
	var kept []*workspace.Table
	for _, t := range tables {
		if e.only[t.ID] {
			kept = append(kept, t)
		}
	}
	return kept
}

// write adds the files of one document or class: one for each table as CSV, one
// for all as XLSX.
func (e *exporter) write(ctx context.Context, tables []*workspace.Table, names []string) error {
	if len(tables) == 0 {
		return nil
	}
	if e.format.Kind == convert.XLSX {
		return e.workbook(ctx, tables, names[0])
	}
	for i, t := range tables {
		if err := e.csv(ctx, t, names[i]); err != nil {
			return fmt.Errorf("export table: %w", err)
		}
	}
	return nil
}

// create begins a file of the zip, dated now: without a date unpackers show 1980.
func (e *exporter) create(name string) (io.Writer, error) {
	return e.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Now().UTC()})
}

func (e *exporter) csv(ctx context.Context, t *workspace.Table, name string) error {
	stored, content, err := OpenTable(e.open, t)
	if err != nil {
		return err
	}
	defer content.Close()
	w, err := e.create(name)
	if err != nil {
		return err
	}
	return stored.WriteCSV(ctx, w, e.format.CSV)
}

func (e *exporter) workbook(ctx context.Context, tables []*workspace.Table, name string) error {
	var sheets []xlsx.Sheet
	for _, t := range tables {
		stored, content, err := OpenTable(e.open, t)
		if err != nil {
			return err
		}
		defer content.Close()
		sheets = append(sheets, xlsx.Sheet{Name: t.Name, Table: stored})
	}
	w, err := e.create(name)
	if err != nil {
		return err
	}
	return xlsx.Write(ctx, w, sheets)
}

// addManifest ends the manifest and puts it into the zip.
func (e *exporter) addManifest(spool *files.Scratch) error {
	if err := e.manifest.Close(); err != nil {
		return err
	}
	written, err := spool.Content()
	if err != nil {
		return fmt.Errorf("read manifest: %w", err)
	}
	w, err := e.create("manifest.json")
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, written); err != nil {
		return fmt.Errorf("write manifest: %w", err)
	}
	return nil
}
