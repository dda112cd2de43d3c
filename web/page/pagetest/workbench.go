package pagetest

import (
	"fmt"
	"time"

	"ret/web/page"
)

// Finance is a group with child tables.
var Finance = page.Group{
	Name: "ar-batch", Tables: 61, Rows: 9120, Bytes: 2_310_000,
	Items: []page.Table{
		{ID: "t1", Name: "entry", Group: "ar-batch", FileID: "f1", Source: "ar-batch.zip!/GL/GL_01.xml", Rows: 1204, Columns: 18, Bytes: 284_000, CreatedAt: ago(5 * time.Minute)},
		{ID: "t2", Name: "entry.line", Parent: "entry", Group: "ar-batch", FileID: "f1", Source: "ar-batch.zip!/GL/GL_01.xml", Rows: 6120, Columns: 9, Bytes: 611_000, CreatedAt: ago(5 * time.Minute)},
		{ID: "t3", Name: "_document", Group: "ar-batch", FileID: "f1", Source: "ar-batch.zip!/GL/GL_01.xml", Rows: 1, Columns: 6, Bytes: 212, CreatedAt: ago(5 * time.Minute)},
		{ID: "t4", Name: "invoice", Group: "ar-batch", FileID: "f1", Source: "ar-batch.zip!/AR/2026/AR_2026_09.xml", Rows: 482, Columns: 41, Bytes: 390_000, CreatedAt: ago(6 * time.Minute)},
	},
}

var review = page.Group{
	Name: "test-examples", Tables: 3, Rows: 131, Bytes: 88_000,
	Items: []page.Table{
		{ID: "t5", Name: "peer_review", Group: "test-examples", FileID: "f2", Source: "crossref.zip!/test-examples.zip!/peer_review_R1-ED_4.4.2.xml", Rows: 1, Columns: 34, Bytes: 2100, CreatedAt: ago(time.Second)},
		{ID: "t6", Name: "journal_article", Group: "test-examples", FileID: "f2", Source: "crossref.zip!/test-examples.zip!/journal_article_4.4.2.xml", Rows: 129, Columns: 212, Bytes: 84_000, CreatedAt: ago(2 * time.Second)},
		{ID: "t7", Name: "تقرير", Group: "test-examples", FileID: "f2", Source: "crossref.zip!/test-examples.zip!/" + longName + ".xml", Rows: 1, Columns: 3, Bytes: 900, CreatedAt: ago(3 * time.Second)},
	},
}

const longName = "a-very-long-name-that-somebody-gave-to-a-file-because-the-exporting-system-puts-every-parameter-into-it_2026-11-22"

var uploads = []page.File{
	{ID: "f3", Name: "to-decide.zip", Kind: "zip", Bytes: 44_000_000, CreatedAt: ago(time.Minute)},
	{ID: "f2", Name: "crossref.zip", Kind: "zip", Bytes: 1_840_000, CreatedAt: ago(4 * time.Second), JobID: "j5", JobState: page.JobRunning},
	{ID: "f1", Name: "ar-batch.zip", Kind: "zip", Bytes: 12_400_000, CreatedAt: ago(5 * time.Minute), JobID: "j4", JobState: page.JobSucceeded, Tables: 61},
}

var limits = page.UploadLimits{FileBytes: 4 << 30}

func workbenchStates(frame framer) []State {
	f := frame("Workbench", page.SectionWorkbench)
	busy := f
	busy.Refresh = true
	fresh := f
	fresh.Viewer = viewer()
	fresh.Viewer.Admin = false
	fresh.Viewer.Holdings = page.Holdings{}
	ending := f
	ending.Viewer = viewer()
	ending.Viewer.ExpiresAt = Now.Add(4*time.Minute + 12*time.Second)
	ending.Notice = &page.Notice{Text: "ar-batch.zip and 61 tables were deleted."}
	long := f
	long.Viewer = viewer()
	long.Viewer.Name = "maximiliana-alexandra.von-und-zu-hohenberg"
	long.Notice = &page.Notice{Wrong: true, Text: "The server's disk is full. Nothing of the upload was kept."}
	begun := fresh
	begun.Viewer = viewer()
	begun.Viewer.Tour = true
	return []State{
		{Name: "workbench-tour", Page: page.Workbench(begun, page.WorkbenchView{Limits: limits})},
		{Name: "workbench", Page: page.Workbench(busy, busyWorkbench())},
		{Name: "workbench-empty", Page: page.Workbench(fresh, page.WorkbenchView{Limits: limits})},
		{Name: "workbench-ending", Page: page.Workbench(ending, page.WorkbenchView{Jobs: []page.Job{Succeeded}, JobTotal: 1, Groups: []page.Group{Finance}, Limits: limits})},
		{Name: "workbench-long", Many: true, Page: page.Workbench(long, page.WorkbenchView{Jobs: []page.Job{LongName, Cancelled, Many}, JobTotal: 3, Groups: []page.Group{longGroup()}, Limits: limits})},
		{Name: "workbench-alike", Page: page.Workbench(f, page.WorkbenchView{Jobs: []page.Job{Succeeded}, JobTotal: 1, Groups: []page.Group{alike()}, Limits: limits})},
		{Name: "workbench-sorted", Page: page.Workbench(f, page.WorkbenchView{Jobs: []page.Job{Succeeded}, JobTotal: 1, OneGroup: true, Groups: []page.Group{sortedGroup()}, Limits: limits})},
		{Name: "workbench-not-found", Page: page.Workbench(f, page.WorkbenchView{Query: "nosuch", Limits: limits})},
	}
}

func busyWorkbench() page.WorkbenchView {
	return page.WorkbenchView{
		Jobs: []page.Job{Queued, Running, Succeeded, Failed}, JobTotal: 12,
		Files: uploads, FileTotal: 3,
		Groups: []page.Group{Finance, review},
		Limits: limits,
	}
}

// alike is a group with documents alike: some share a table, others do not yet.
func alike() page.Group {
	g := Finance
	g.Name, g.Tables = "crossref", 176
	g.Classes = []page.Class{
		{
			ID: "c1", Group: "crossref", Documents: 52, Tables: 70, Rows: 104, CreatedAt: ago(time.Minute), MergedDocuments: 52,
			Merged: []page.Table{{ID: "m1", Name: "journal_article", Group: "crossref", Source: "crossref", Rows: 104, Columns: 212, Bytes: 184_000, CreatedAt: ago(time.Minute)}},
			Items:  []page.Table{{ID: "m2", Name: "journal_article", Group: "crossref", Source: "crossref.zip!/journal_article_4.4.2.xml", Rows: 2, Columns: 112, Bytes: 8_400, CreatedAt: ago(2 * time.Minute)}},
		},
		{
			ID: "c2", Group: "crossref", Documents: 31, Tables: 31, Rows: 310, CreatedAt: ago(2 * time.Minute),
			Items: []page.Table{{ID: "m3", Name: "deposit", Group: "crossref", Source: "crossref.zip!/deposit_1.xml", Rows: 10, Columns: 12, Bytes: 2_400, CreatedAt: ago(3 * time.Minute)}},
		},
	}
	return g
}

// sortedGroup is a group that has the page for itself, in the middle.
func sortedGroup() page.Group {
	g := Finance
	g.Part = page.Part{Alone: true, Sort: "-rows", After: "100", Next: "200", Total: 404}
	return g
}

func longGroup() page.Group {
	g := page.Group{Name: "Übung & " + longName, Tables: 1000, Rows: 1_204_551, Bytes: 912_000_000}
	for i := range page.WorkbenchTables {
		g.Items = append(g.Items, page.Table{
			ID: fmt.Sprintf("l%d", i), Name: fmt.Sprintf("record_%d", i), Group: g.Name,
			Source: fmt.Sprintf("everything.zip!/%s/%d.xml", longName, i), Rows: int64(i * 37), Columns: i % 60, Bytes: int64(i) * 9100, CreatedAt: ago(time.Duration(i) * time.Second),
		})
	}
	return g
}
