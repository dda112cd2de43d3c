package view

import (
	"ret/shared/workspace"
	"ret/web/page"
)

// File is a file as lists show it.
func File(f workspace.FileBrief) page.File {
	return page.File{
		ID: f.ID, Name: f.Name, Kind: f.Kind, Bytes: f.Size, CreatedAt: f.CreatedAt,
		JobID: f.JobID, JobState: page.JobState(f.JobState), Tables: f.Tables,
	}
}
