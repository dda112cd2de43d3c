package pagetest

import (
	"fmt"

	"ret/shared/xmltable"
	"ret/web/page"
)

func lookStates(frame framer) []State {
	f := frame("to-decide.zip", page.SectionWorkbench)
	wrong := f
	wrong.Notice = &page.Notice{Wrong: true, Text: "A recipe is a small JSON file, and this is none."}
	waiting, done := uploads[0], uploads[2]
	return []State{
		{Name: "look", Page: page.Look(f, page.LookView{
			File: waiting, DocumentTotal: 2, Documents: []string{"to-decide.zip!/a.xml", "to-decide.zip!/b.xml"}, Looked: looked(),
		})},
		{Name: "look-chosen", Page: page.Look(f, page.LookView{
			File: done, DocumentTotal: 1, Documents: []string{"ar-batch.zip!/a.xml"}, Looked: looked(),
			Options: page.JobOptions{
				Record: "//line", MaxRepeat: 3, Format: "xlsx", BOM: true, KeepPartial: true, Flat: true, Windows1252: true,
				Pivot: []string{"tag@k=@v", "property/name=value"}, Include: []string{"*.xml"}, Delimiter: ";",
				Layouts: page.Layouts{JSON: `[{"root":"journal"}]`, Tables: 3, Columns: 212},
			},
		})},
		{Name: "look-ill-formed", Page: page.Look(wrong, page.LookView{
			File: waiting, DocumentTotal: 90_000, Documents: []string{"to-decide.zip!/a.xml"},
			Looked: &page.Inspection{Path: "to-decide.zip!/z.xml", Problem: &page.FileError{Line: 3, Column: 17, Message: "expected the end tag </item>, found </itm>"}, Proposals: []page.Proposal{{
				Choice: `{"repair":true}`, Flags: "--repair", Reason: "The document is not well-formed in a way that RET can repair.",
				Notes: []string{"Repaired: An & that begins no reference that is known was read as itself, or as the character that HTML knows by its name: 7× (at 3:17, 9:4, 9:31, 12:8, 20:1 and 2 more)."},
			}}},
		})},
		{Name: "look-no-xml", Page: page.Look(f, page.LookView{File: waiting})},
		{Name: "look-wide", Many: true, Page: page.Look(f, page.LookView{
			File: waiting, DocumentTotal: 1, Documents: []string{"to-decide.zip!/wide.xml"}, Looked: wideInspection(),
		})},
	}
}

func looked() *page.Inspection {
	entries := page.Preview{
		Columns: []page.GridColumn{
			{Name: "_id", Kind: xmltable.ID},
			{Name: "@no", Path: "/journal/entry/@no", Kind: xmltable.Attribute},
			{Name: "text", Path: "/journal/entry/text", Kind: xmltable.Text},
			{Name: "text#xml", Path: "/journal/entry/text", Kind: xmltable.Markup},
		},
		Rows: []page.Row{
			{Number: 1, Cells: []page.Cell{{Text: "1"}, {Text: "A-17"}, {Text: "Opening balance"}, {Absent: true}}},
			{Number: 2, Cells: []page.Cell{{Text: "2"}, {Text: ""}, {Text: "<see> \u202eover\u202c"}, {Text: "<b>&lt;see&gt;</b> over"}}},
		},
	}
	lines := page.Preview{
		Columns: []page.GridColumn{{Name: "_parent", Kind: xmltable.Parent}, {Name: "_pos", Kind: xmltable.Position}, {Name: "amount", Path: "/journal/entry/line/amount", Kind: xmltable.Text}},
		Rows:    []page.Row{{Number: 1, Cells: []page.Cell{{Text: "1"}, {Text: "1"}, {Text: "12.50"}}}},
	}
	return &page.Inspection{
		Path: "to-decide.zip!/a.xml", WellFormed: true, Root: "journal", Record: "entry", Values: 12_408,
		Candidates: []page.RecordCandidate{
			{Path: "entry", Count: 1204, Values: 12_000, Preview: entries},
			{Path: "header/note", Count: 3, Values: 3},
		},
		Tables: []page.TablePreview{{Name: "entry", Preview: entries}, {Name: "entry.line", Parent: "entry", Preview: lines}},
		Proposals: []page.Proposal{
			{Choice: `{"pivot":["tag@k=@v"]}`, Flags: "--pivot tag@k=@v", Reason: "Each tag is a key and a value: make a column of each of the 12 keys."},
			{Choice: `{"merge":true}`, Flags: "--merge", Reason: "34 documents of this group have the root element journal: merged they share one set of tables."},
		},
		Warnings: []string{"The reference &chapter; stays as it is written: what it stands for is not in the document."},
	}
}

// wideInspection has more of everything than a page shows.
func wideInspection() *page.Inspection {
	var wide page.Preview
	row := page.Row{Number: 1}
	for i := range 3 * page.LookColumns {
		wide.Columns = append(wide.Columns, page.GridColumn{Name: fmt.Sprintf("column.%s[%d]", longName, i)})
		row.Cells = append(row.Cells, page.Cell{Text: longName})
	}
	wide.Rows = []page.Row{row}
	i := &page.Inspection{Path: "to-decide.zip!/wide.xml", WellFormed: true, Root: "r", Record: "(document)"}
	for n := range 2 * page.LookTables {
		i.Tables = append(i.Tables, page.TablePreview{Name: fmt.Sprintf("%s.%d", longName, n), Preview: wide})
	}
	return i
}
