package jobs

import (
	"context"
	"errors"

	"ret/server/files"
	"ret/server/turns"
	"ret/shared/archive"
	"ret/shared/convert"
	"ret/shared/workspace"
)

// Inspector looks at uploads before they are converted, as `ret inspect` does. It
// may be used concurrently: so many looks as there are workers are taken at once,
// so that looking never starves the jobs, and sessions take turns, within a look
// too, so that one who looks at much does not hold up another.
type Inspector struct {
	limits convert.Limits
	places *turns.Places
}

// NewInspector returns an Inspector within the limits of jobs.
func NewInspector(limits convert.Limits, workers int) *Inspector {
	return &Inspector{limits: limits, places: turns.New(max(1, workers))}
}

// Upload is a file of a session and where it lies.
type Upload struct {
	SessionID string
	File      *workspace.File
	Folder    *files.Folder
}

// Look calls do with the documents of an upload listed. previewRows are shown of
// each table. Its error is ctx's, that of reading the upload, or do's.
func (i *Inspector) Look(ctx context.Context, up Upload, options convert.Options, previewRows int, do func(*convert.Inspector) error) error {
	place, err := i.places.Enter(ctx, up.SessionID)
	if err != nil {
		return err
	}
	defer place.Leave()
	hold := newHold(up.Folder, place.Rest)
	in, err := convert.NewInspector(ctx, convert.InspectJob{
		Sources: []archive.Source{{Path: convert.SourcePath(up.File.Name), Size: up.File.Size, Open: opener(hold, up.File)}},
		Options: options, Limits: i.limits, Scratch: hold, Workers: 1, PreviewRows: previewRows,
	})
	if err != nil {
		return err
	}
	return errors.Join(do(in), in.Close())
}
