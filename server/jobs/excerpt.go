package jobs

import (
	"context"

	"ret/shared/archive"
	"ret/shared/convert"
	"ret/shared/xmltable"
)

// Excerpt reads a record of a document in an upload, which has the path that the job's
// source has. It takes a place as a look does.
func (i *Inspector) Excerpt(ctx context.Context, up Upload, job convert.ExcerptJob) (xmltable.Excerpt, error) {
	place, err := i.places.Enter(ctx, up.SessionID)
	if err != nil {
		return xmltable.Excerpt{}, err
	}
	defer place.Leave()
	hold := newHold(up.Folder, place.Rest)
	job.Source = archive.Source{Path: convert.SourceOf(job.Path), Size: up.File.Size, Open: opener(hold, up.File)}
	job.Limits, job.Scratch = i.limits, hold
	return convert.Excerpt(ctx, job)
}
