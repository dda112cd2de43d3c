package view

import (
	"encoding/json"

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
	for _, p := range i.Proposals {
		v.Proposals = append(v.Proposals, proposal(p))
	}
	return v
}

func proposal(p convert.Proposal) page.Proposal {
	choice, err := json.Marshal(p.Options)
	if err != nil {
		return page.Proposal{Reason: p.Reason, Notes: p.Notes} // cannot be: it is plain text
	}
	return page.Proposal{Choice: string(choice), Flags: p.Options.Flags(), Reason: p.Reason, Notes: p.Notes}
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
		Record: o.Record, MaxRepeat: o.MaxRepeat, Merge: o.Merge, ByLocalName: o.ByLocalName,
		Flat: o.Flat, Pivot: o.Pivot, XML: o.XML, Trim: o.Trim, Windows1252: o.Windows1252, Repair: o.Repair, KeepPartial: o.KeepPartial,
		Include: o.Include, Exclude: o.Exclude,
		Format: string(o.Format), Delimiter: o.Delimiter, BOM: o.BOM, CRLF: o.CRLF, ExcelSafe: o.ExcelSafe,
		Layouts: layouts(o.Layouts),
	}
}

// layouts are what a recipe knows, as the page passes it on.
func layouts(known []*xmltable.Layout) page.Layouts {
	if len(known) == 0 {
		return page.Layouts{}
	}
	text, err := json.Marshal(known)
	if err != nil {
		return page.Layouts{} // cannot be: they were read from JSON
	}
	l := page.Layouts{JSON: string(text)}
	for _, layout := range known {
		l.Tables += len(layout.Tables)
		for _, table := range layout.Tables {
			l.Columns += len(table.Columns)
		}
	}
	return l
}
