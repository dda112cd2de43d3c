package pagetest

import (
	"strings"

	"ret/shared/xmltable"
	"ret/web/page"
)

func rowStates(frame framer) []State {
	f := frame("entry", page.SectionNone)
	v := invoiceRowView()
	open := v
	open.Column = "note"
	open.Origin = page.Origin{
		Asked: true, Path: "finance.zip!/2026/ledger-eu.xml", Line: 2103, Bytes: 612,
		Before: "<entry number=\"INV-20416\" status=\"overdue\">\n  <date>2026-03-03</date>\n  <note lang=\"en\">",
		Value:  v.Cells[11].Text, After: "</note>\n</entry>",
	}
	markup := v
	markup.Column = "note#xml"
	markup.Cells = append([]page.Cell{}, v.Cells...)
	markup.Cells[11] = page.Cell{Text: "<p><a href=\"x\"><b>1</b><b>2</b></a><c>some <i>words</i></c></p>"}
	markup.Origin = page.Origin{Asked: true, Why: "This part is on the server only, which cannot be reached now. Try again when the page is live."}
	child := v
	child.Table.Name, child.Number, child.Column, child.Children = "entry.line", 17, "text", []page.ChildRows{{Table: page.TableLink{ID: "t9", Name: "entry.line.tax"}, Elsewhere: true}}
	child.Columns = []page.GridColumn{{Name: "_parent", Path: "/ledger/entry/line", Kind: xmltable.Parent}, {Name: "_pos", Path: "/ledger/entry/line", Kind: xmltable.Position}, {Name: "text", Path: "/ledger/entry/line/text", Kind: xmltable.Text}}
	child.Cells = []page.Cell{{Text: "3"}, {Text: "2"}, {Text: "See https://example.org/a?b=1&c=2, and http://example.org."}}
	child.Parent = &page.RelatedRow{Table: page.TableLink{ID: "t1", Name: "entry", Rows: 1204}, Number: 3, Values: []page.NamedCell{{Column: "@number", Text: "INV-20416"}, {Column: "note", Text: strings.Repeat("long ", 60)}}}
	return []State{
		{Name: "row", Page: page.RowDetail(f, v)},
		{Name: "row-value", Page: page.RowDetail(f, open)},
		{Name: "row-markup", Page: page.RowDetail(f, markup)},
		{Name: "row-child", Page: page.RowDetail(f, child)},
	}
}

func invoiceRowView() page.RowView {
	t := invoiceTable()
	lines := page.ChildRows{
		Table: page.TableLink{ID: "t2", Name: "entry.line", Rows: 6120}, First: 11, Total: 7,
		Columns: []page.GridColumn{{Name: "_pos", Kind: xmltable.Position}, {Name: "text", Kind: xmltable.Text}, {Name: "amount", Kind: xmltable.Text}},
	}
	for i := range 5 {
		lines.Rows = append(lines.Rows, page.Row{Number: int64(11 + i), Cells: []page.Cell{{Text: string(rune('1' + i))}, {Text: firms[i]}, {Absent: i == 2, Text: map[bool]string{false: "12.50"}[i == 2]}}})
	}
	return page.RowView{Table: t.Table, Number: 3, Columns: t.Columns, Cells: t.Rows[2].Cells, Children: []page.ChildRows{lines}}
}
