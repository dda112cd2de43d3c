package view

import (
	"ret/shared/convert"
	"ret/shared/xmltable"
	"ret/web/page"
)

// Inspection shows what converting a document would give.
func Inspection(i convert.Inspection) *page.Inspection {
	v := &page.Inspection{
		Path: i.Path, WellFormed: i.WellFormed, Root: i.Root, Record: i.Record,
		Values: i.Values, Warnings: i.Warnings,
	}
	if i.Error != nil {
		v.Problem = &page.FileError{Line: i.Error.Line, Column: i.Error.Column, Message: i.Error.Message}
	}
	for _, c := range i.Candidates {
		v.Candidates = append(v.Candidates, page.RecordCandidate{
			Path: c.Path, Count: c.Count, Values: c.Weight, Preview: preview(c.Columns, c.Rows),
		})
	}
	for _, t := range i.Tables {
		v.Tables = append(v.Tables, page.TablePreview{Name: t.Name, Parent: orEmpty(t.Parent), Preview: preview(t.Columns, t.Rows)})
	}
	return v
}

func preview(columns []xmltable.Column, rows [][]*string) (p page.Preview) {
	for _, c := range columns {
		p.Columns = append(p.Columns, page.GridColumn{Name: c.Name, Path: c.Path, Kind: c.Kind})
	}
	for n, cells := range rows {
		p.Rows = append(p.Rows, page.Row{Number: int64(n) + 1, Cells: previewCells(cells)})
	}
	return p
}

func previewCells(cells []*string) []page.Cell {
	shown := make([]page.Cell, len(cells))
	for i, cell := range cells {
		shown[i] = page.Cell{Absent: cell == nil, Text: orEmpty(cell)}
	}
	return shown
}

// Options shows a job's options, or a recipe's.
func Options(o convert.Options) page.JobOptions {
	return page.JobOptions{
		Record: o.Record, MaxRepeat: o.MaxRepeat, Merge: o.Merge, KeepPartial: o.KeepPartial,
		Format: string(o.Format), BOM: o.BOM, CRLF: o.CRLF, ExcelSafe: o.ExcelSafe,
	}
}
