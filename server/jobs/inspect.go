package jobs

import (
	"context"
	"errors"

	"golang.org/x/sync/semaphore"

	"ret/server/files"
	"ret/shared/archive"
	"ret/shared/convert"
	"ret/shared/workspace"
)

// Inspector looks at uploads before they are converted, as `ret inspect` does. It
// may be used concurrently: so many looks as there are workers are taken at once,
// the others wait until their request ends, so that looking never starves the
// jobs.
type Inspector struct {
	limits convert.Limits
	turns  *semaphore.Weighted
}

// NewInspector returns an Inspector within the limits of jobs.
func NewInspector(limits convert.Limits, workers int) *Inspector {
	return &Inspector{limits: limits, turns: semaphore.NewWeighted(int64(max(1, workers)))}
}

// Upload is a file of a session and where it lies.
type Upload struct {
	File   *workspace.File
	Folder *files.Folder
}

// Look calls do with the documents of an upload listed. previewRows are shown of
// each table. Its error is ctx's, that of reading the upload, or do's.
func (i *Inspector) Look(ctx context.Context, up Upload, options convert.Options, previewRows int, do func(*convert.Inspector) error) error {
	if err := i.turns.Acquire(ctx, 1); err != nil {
		return err
	}
	defer i.turns.Release(1)
	in, err := convert.NewInspector(ctx, convert.InspectJob{
		Sources: []archive.Source{{Path: convert.SourcePath(up.File.Name), Size: up.File.Size, Open: opener(up.Folder, up.File)}},
		Options: options, Limits: i.limits, Scratch: scratch{up.Folder}, Workers: 1, PreviewRows: previewRows,
	})
	if err != nil {
		return err
	}
	return errors.Join(do(in), in.Close())
}
