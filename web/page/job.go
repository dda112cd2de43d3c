package page

// rowErrors is how many failed files a job's row names before it refers to the
// job's own page.
const rowErrors = 5

func firstErrors(j Job) []FileError { return j.Errors[:min(rowErrors, len(j.Errors))] }

func hiddenErrors(j Job) int64 { return j.ErrorCount - int64(len(firstErrors(j))) }

// errorsLabel says how many files failed. An error without a path is the whole
// job's.
func errorsLabel(j Job) string {
	if len(j.Errors) > 0 && j.Errors[0].Path == "" {
		return "What happened"
	}
	return Counted(j.ErrorCount, "file failed", "files failed")
}

// wholeErrors are the errors that are about the job and no file of it.
func wholeErrors(j Job) []FileError {
	var whole []FileError
	for _, e := range j.Errors {
		if e.Path == "" {
			whole = append(whole, e)
		}
	}
	return whole
}

// stateWord is the state as people say it.
func stateWord(s JobState) string {
	switch s {
	case JobQueued:
		return "waiting"
	case JobRunning:
		return "converting"
	case JobSucceeded:
		return "done"
	}
	return string(s)
}

// jobWord is the state of a job as people say it.
func jobWord(j Job) string {
	if j.Asks() {
		return askState(j.State)
	}
	if j.Indexes() && j.State == JobRunning {
		return "indexing"
	}
	return stateWord(j.State)
}

// progressCount says how far a job is in whole units.
func progressCount(j Job) string {
	p := j.Progress
	switch {
	case j.Asks() && j.State == JobRunning:
		return Count(p.Done) + " of " + Counted(p.Total, "cell", "cells") + " shown to the model"
	case j.State == JobQueued && p.Message != "":
		return "" // the message says what it waits for
	case j.State == JobQueued:
		return "waiting for a free worker"
	case p.Total <= 0 && j.Indexes():
		return "looking for new tables"
	case p.Total <= 0:
		return "looking into the archive"
	}
	if p.Total == 1 && p.Done == 0 && p.BytesTotal > 0 {
		return PartOf(min(p.BytesDone, p.BytesTotal), p.BytesTotal)
	}
	return Count(p.Done) + " of " + Counted(p.Total, one(p.Unit), p.Unit)
}

// one is the singular of a progress unit.
func one(unit string) string {
	if n := len(unit); n > 1 && unit[n-1] == 's' {
		return unit[:n-1]
	}
	return unit
}
