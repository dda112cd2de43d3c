package pagetest

import (
	"fmt"
	"strings"

	"ret/shared/xmltable"
	"ret/web/page"
)

func tableStates(frame framer) []State {
	f := frame("entry", page.SectionNone)
	v := invoiceTable()
	filtered := v
	filtered.Query.Filters = []string{"customer.name~corp", "amount>=100", "note!"}
	filtered.Query.Sorts = []string{"-amount"}
	filtered.Query.In = []string{`customer@country:["US","DE",null,"FR","AE"]`}
	filtered.Query.Hide = []string{"reference[2]"}
	filtered.Query.HideEmpty = true
	filtered.Total = 34
	filtered.Rows = v.Rows[:34]
	none := v
	none.Query.Filters = []string{"customer.name=Nobody"}
	none.Rows, none.Total = nil, 0
	columns := v
	columns.Query.Columns = true
	columns.Profile = []page.ColumnProfile{
		{Kind: "whole number", Present: 1204, Distinct: 1204, Least: "1", Greatest: "1204", Top: []page.ValueCount{{Value: "1", Count: 1}}, Spread: []int64{512, 512, 180}},
		{Kind: "text", Present: 1204, Distinct: 52_310, Estimated: true, Least: "A-1", Greatest: longName, Top: []page.ValueCount{{Value: "A-1", Count: 2}, {Value: longName, Count: 2}, {Count: 2}}},
		{Kind: "text", Absent: 1204},
		{Kind: "date", Present: 900, Empty: 4, Absent: 304, Distinct: 365, Least: "2026-01-01", Greatest: "2026-12-31", Top: []page.ValueCount{{Value: "2026-03-31", Count: 40}}, Spread: []int64{100, 0, 800}},
	}
	partial := v
	partial.Partial = &page.FileError{Line: 2103, Column: 17, Message: "</item> expected, found </itm>"}
	return []State{
		{Name: "table", Page: page.TableDetail(f, v)},
		{Name: "table-filtered", Page: page.TableDetail(f, filtered)},
		{Name: "table-no-rows", Page: page.TableDetail(f, none)},
		{Name: "table-partial", Page: page.TableDetail(f, partial)},
		{Name: "table-columns", Page: page.TableDetail(f, columns)},
		{Name: "table-wide", Many: true, Page: page.TableDetail(f, wideTable())},
	}
}

var firms = []string{"Northwind Corp", "Ostsee Handel GmbH", "شركة النور للتجارة", "Société Générale d’Import & Export", "Acme Corp", "東京貿易株式会社", "Müller & Söhne"}

func invoiceTable() page.TableView {
	t := Finance.Items[0]
	t.Columns = 12
	v := page.TableView{
		Table: t, Account: page.Account{In: 21_672, Out: 21_672},
		Children: []page.TableLink{{ID: "t2", Name: "entry.line", Rows: 6120}, {ID: "t8", Name: "entry.attachment", Rows: 40}},
		Columns: []page.GridColumn{
			{Name: "_id", Path: "", Kind: xmltable.ID},
			{Name: "@number", Path: "/ledger/entry/@number", Kind: xmltable.Attribute},
			{Name: "@status", Path: "/ledger/entry/@status", Kind: xmltable.Attribute},
			{Name: "date", Path: "/ledger/entry/date", Kind: xmltable.Text},
			{Name: "customer.name", Path: "/ledger/entry/customer/name", Kind: xmltable.Text},
			{Name: "customer@country", Path: "/ledger/entry/customer/@country", Kind: xmltable.Attribute},
			{Name: "amount", Path: "/ledger/entry/amount", Kind: xmltable.Text},
			{Name: "amount@currency", Path: "/ledger/entry/amount/@currency", Kind: xmltable.Attribute},
			{Name: "reference", Path: "/ledger/entry/reference", Kind: xmltable.Text},
			{Name: "reference[2]", Path: "/ledger/entry/reference[2]", Kind: xmltable.Text},
			{Name: "note", Path: "/ledger/entry/note", Kind: xmltable.Text},
			{Name: "note#xml", Path: "/ledger/entry/note", Kind: xmltable.Markup},
		},
		Total: 1204, Query: page.TableQuery{Limit: page.DefaultLimit},
	}
	for i := range 100 {
		v.Rows = append(v.Rows, invoiceRow(i))
	}
	return v
}

func invoiceRow(i int) page.Row {
	text := func(s string) page.Cell { return page.Cell{Text: s} }
	absent := page.Cell{Absent: true}
	row := page.Row{Number: int64(i + 1), Cells: []page.Cell{
		text(fmt.Sprint(i + 1)),
		text(fmt.Sprintf("INV-%05d", 20410+i*3)),
		text([]string{"paid", "open", "overdue"}[i%3]),
		text(fmt.Sprintf("2026-%02d-%02d", 1+i%11, 1+i%28)),
		text(firms[i%len(firms)]),
		text([]string{"US", "DE", "AE", "FR", "US", "JP", "DE"}[i%7]),
		text(fmt.Sprintf("%d.%02d", 90+i*i*13%9000, i*7%100)),
		text([]string{"USD", "EUR", "AED"}[i%3]),
		text(fmt.Sprintf("PO-%d", 7000+i)),
		absent, absent, absent,
	}}
	switch i % 4 {
	case 1:
		row.Cells[9] = text(fmt.Sprintf("PO-%d", 9000+i))
		row.Cells[10] = text("")
	case 2:
		row.Cells[10] = text("Paid in two parts, the second after the credit note of 2 March was booked. " + strings.Repeat("See the correspondence of the regional office. ", 6))
		row.Cells[11] = text("Paid in <b>two</b> parts, the second after the credit note of <date>2 March</date> was booked. " + strings.Repeat("See the correspondence. ", 8))
	case 3:
		row.Cells[10] = text("Delivered")
	}
	return row
}

func wideTable() page.TableView {
	t := review.Items[1]
	v := page.TableView{
		Table: t, Account: page.Account{In: 4410, Out: 4410}, Parent: &page.TableLink{ID: "t9", Name: "journal", Rows: 2},
		Total: 129, Query: page.TableQuery{Limit: page.DefaultLimit, FirstColumn: 100},
	}
	v.Table.Columns = 412
	for i := range 412 {
		v.Columns = append(v.Columns, page.GridColumn{Name: fmt.Sprintf("contributors.person_name[%d].given_name", i+1), Path: "/doi_batch/body/journal", Kind: xmltable.Text})
	}
	for i := range 100 {
		row := page.Row{Number: int64(i + 1), Cells: make([]page.Cell, 412)}
		for c := range row.Cells {
			row.Cells[c] = page.Cell{Text: fmt.Sprintf("Ann %d", c), Absent: (i*7+c)%5 > 1}
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}
