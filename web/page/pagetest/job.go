package pagetest

import (
	"fmt"
	"math"
	"strings"
	"time"

	"ret/web/page"
)

// Jobs in each of their states.
var (
	Running = page.Job{
		ID: "j5", Kind: "convert", State: page.JobRunning, Name: "crossref.zip", Bytes: 1_840_000,
		Progress: page.Progress{Done: 31, Total: 34, Unit: "files", Message: "test-examples.zip!/peer_review_R1.xml", Rate: 12.5},
		Attempt:  1, MaxAttempts: 3, CreatedAt: ago(4 * time.Second), StartedAt: ago(3 * time.Second),
	}
	Queued = page.Job{
		ID: "j6", Kind: "convert", State: page.JobQueued, Name: "ledger-2026-10.zip and 2 more", Bytes: 84_000_000,
		Attempt: 1, MaxAttempts: 3, CreatedAt: ago(2 * time.Second),
	}
	Succeeded = page.Job{
		ID: "j4", Kind: "convert", State: page.JobSucceeded, Name: "ar-batch.zip", Bytes: 12_400_000,
		Attempt: 1, MaxAttempts: 3, CreatedAt: ago(5 * time.Minute), StartedAt: ago(5 * time.Minute), FinishedAt: ago(292 * time.Second),
		Result: &page.JobResult{Files: 34, Converted: 33, Failed: 1, Rows: 9120, Tables: 61, Values: page.Account{In: 41202, Out: 41202}},
		Errors: []page.FileError{{
			Path: "ar-batch.zip!/bad/GL_77.xml", Line: 2103, Column: 17,
			Message: "</item> expected, found </itm>",
		}},
		ErrorCount: 1,
	}
	Failed = page.Job{
		ID: "j3", Kind: "convert", State: page.JobFailed, Name: "holiday-photos.zip", Bytes: 310_000_000,
		Attempt: 1, MaxAttempts: 3, CreatedAt: ago(9 * time.Minute), StartedAt: ago(9 * time.Minute), FinishedAt: ago(530 * time.Second),
		Result:     &page.JobResult{Files: 212, Skipped: 212},
		Errors:     []page.FileError{{Message: "There is no XML in this upload, so there was nothing to convert."}},
		ErrorCount: 1,
	}
	Cancelled = page.Job{
		ID: "j2", Kind: "convert", State: page.JobCancelled, Name: "تقرير-السنوي-2026.zip", Bytes: 52_000_000,
		Attempt: 1, MaxAttempts: 3, CreatedAt: ago(20 * time.Minute), StartedAt: ago(20 * time.Minute), FinishedAt: ago(19 * time.Minute),
		Result: &page.JobResult{Files: 8, Converted: 8, Rows: 1200, Tables: 8, Values: page.Account{In: 9000, Out: 9000}},
	}
	LongName = page.Job{
		ID: "j1", Kind: "convert", State: page.JobSucceeded, Bytes: 640_000,
		Name:    "quarterly-regulatory-submission_final_FINAL_v3_(corrected)_with-appendices-and-supplementary-material_2026-09-30T17-45-00.zip",
		Attempt: 2, MaxAttempts: 3, CreatedAt: ago(50 * time.Minute), StartedAt: ago(50 * time.Minute), FinishedAt: ago(49*time.Minute + 48*time.Second),
		Result: &page.JobResult{Files: 3, Converted: 3, Rows: 36, Tables: 4, Values: page.Account{In: 144, Out: 144}},
	}
	Many = page.Job{
		ID: "j0", Kind: "convert", State: page.JobSucceeded, Name: "everything.zip", Bytes: 912_000_000,
		Attempt: 1, MaxAttempts: 3, CreatedAt: ago(time.Hour), StartedAt: ago(time.Hour), FinishedAt: ago(57 * time.Minute),
		Result:     &page.JobResult{Files: 10000, Converted: 8766, Failed: 1234, Rows: 1_204_551, Tables: 9001, Values: page.Account{In: 8_120_554, Out: 8_120_554}},
		Errors:     manyErrors(1000),
		ErrorCount: 1234,
	}
)

func manyErrors(n int) []page.FileError {
	errors := make([]page.FileError, n)
	for i := range errors {
		errors[i] = page.FileError{Path: fmt.Sprintf("everything.zip!/part-%02d/doc-%04d.xml", i%16, i), Line: 1, Column: 1 + i%9, Message: "no element found"}
	}
	return errors
}

func jobStates(frame framer) []State {
	jobs := frame("Jobs", page.SectionJobs)
	busy := jobs
	busy.Refresh = true
	all := []page.Job{Queued, Running, Succeeded, Failed, Cancelled, LongName, Many}
	thousand := make([]page.Job, 200)
	for i := range thousand {
		thousand[i] = LongName
		thousand[i].ID = fmt.Sprintf("t%03d", i)
		thousand[i].Name = fmt.Sprintf("delivery-%04d.zip", 1000-i)
	}
	return []State{
		{Name: "jobs", Page: page.Jobs(busy, page.JobsView{Items: all, Total: 7})},
		{Name: "jobs-thousand", Many: true, Page: page.Jobs(jobs, page.JobsView{Items: thousand, Total: 1000, Next: "x"})},
		{Name: "jobs-failed", Page: page.Jobs(jobs, page.JobsView{State: page.JobFailed, Items: []page.Job{Failed}, Total: 1})},
		{Name: "jobs-empty", Page: page.Jobs(jobs, page.JobsView{})},
		{Name: "job-running", Page: page.JobDetail(titled(busy, Running), page.JobDetailView{Job: Running, Rates: rates(40), Log: log(Running)})},
		{Name: "job-queued", Page: page.JobDetail(titled(busy, Queued), page.JobDetailView{Job: Queued})},
		{Name: "job-done", Page: page.JobDetail(titled(jobs, Succeeded), doneJob())},
		{Name: "job-failed", Page: page.JobDetail(titled(jobs, Failed), page.JobDetailView{
			Job: Failed, Options: page.JobOptions{Record: "//row", Merge: true, MaxRepeat: 1, KeepPartial: true, Flat: true, Pivot: []string{"tag@k=@v"}, Repair: true, Exclude: []string{"*.jpg"}, Delimiter: "tab"}, Log: page.FileLog{Total: 1, Items: []page.LoggedFile{{Path: "holiday-photos.zip!/1.jpg", Status: "skipped", Reason: "not XML"}}},
		})},
		{Name: "job-long-name", Page: page.JobDetail(titled(jobs, LongName), page.JobDetailView{
			Job: LongName, Tables: []page.Table{{ID: "t9", Name: "contributors.person_name.affiliations.institution.institution_id", Rows: 1_204_000, Columns: 41}},
			Log: page.FileLog{Total: 112_345, Failed: 12_345, Items: []page.LoggedFile{{
				Path: LongName.Name + "!/" + strings.Repeat("very_long_folder/", 6) + "a.xml", Status: "failed", Reason: "the_element_" + strings.Repeat("x", 80) + " is not closed",
			}}},
		})},
	}
}

func titled(f page.Frame, j page.Job) page.Frame {
	f.Title = j.Name
	return f
}

func doneJob() page.JobDetailView {
	return page.JobDetailView{Job: Succeeded, Rates: rates(120), Tables: Finance.Items, Log: log(Succeeded)}
}

func rates(n int) []float64 {
	samples := make([]float64, n)
	for i := range samples {
		samples[i] = 12 + 4*math.Sin(float64(i)/5) + float64(i%3)
	}
	return samples
}

func log(j page.Job) page.FileLog {
	l := page.FileLog{Total: 33, Failed: j.ErrorCount, Next: "30"}
	for i := range 28 {
		l.Items = append(l.Items, page.LoggedFile{
			Path: fmt.Sprintf("%s!/GL/GL_%02d.xml", j.Name, i+1), Status: "converted",
			Rows: int64(120 + i*7), Values: page.Account{In: int64(900 + i*31), Out: int64(900 + i*31)},
		})
	}
	l.Items = append(
		l.Items,
		page.LoggedFile{Path: j.Name + "!/readme.txt", Status: "skipped", Reason: "not XML"},
		page.LoggedFile{Path: j.Name + "!/bad/GL_77.xml", Status: "failed", Error: &Succeeded.Errors[0]},
		page.LoggedFile{Path: j.Name + "!/bad/GL_78.xml", Status: "converted", Partial: true, Error: &Succeeded.Errors[0], Rows: 12, Values: page.Account{In: 48, Out: 48}},
	)
	return l
}
