package jobs

import (
	"context"
	"encoding/json"
	"fmt"

	"ret/server/queue"
	"ret/shared/archive"
	"ret/shared/convert"
	"ret/shared/fault"
	"ret/shared/outcome"
	"ret/shared/workspace"
)

// convertKind turns files into tables.
var convertKind = Kind{
	Check: func(options json.RawMessage) error {
		_, err := convert.ParseOptions(options)
		return err
	},
	Run: runConvert,
}

func runConvert(ctx context.Context, r *Runner, t *queue.Task) error {
	job, err := t.Job(ctx)
	if err != nil {
		return err
	}
	options, err := convert.ParseOptions(job.Options)
	if err != nil {
		return err
	}
	return conversion{Runner: r, task: t, job: job, options: options}.run(ctx)
}

// conversion is a job that makes tables of documents.
type conversion struct {
	*Runner
	task    *queue.Task
	job     *workspace.Job
	options convert.Options

	// Where it merges a class: that, and which of the documents in the files it is about.
	class string
	only  func(fileID, path string) (group string, selected bool)
}

func (c conversion) run(ctx context.Context) error {
	r, t, job, options := c.Runner, c.task, c.job, c.options
	// The store keeps tables in one form; format and switches are a download's.
	options.Format, options.BOM, options.CRLF, options.ExcelSafe = convert.CSV, false, false, false

	done, err := r.Workspace.DonePaths(ctx, job.ID)
	if err != nil {
		return err
	}
	hold := newHold(r.Folder, t.Turn)
	t.OnSever(hold.revoke)
	sources, err := r.sources(ctx, hold, job.Files)
	if err != nil {
		return err
	}
	t.HasBytes(sources.bytes)
	store := newTableStore(r, t, hold, outcome.Job{ID: job.ID, Files: sources.ids, Options: options, Class: c.class})
	_, err = convert.Run(ctx, convert.Job{
		Sources: sources.list,
		Options: options,
		Limits:  r.Limits,
		Scratch: hold,
		Workers: r.Workers,
		Store:   store,
		Admit: func(ctx context.Context, bytes int64) (func(), error) {
			return r.Memory.admit(ctx, bytes, t.StepAside)
		},
		Skip:     func(path string) bool { return done[path] },
		Select:   c.selected(sources),
		Progress: func(p convert.Progress) { t.Report(progressOf(p)) },
	})
	if err = store.close(err); err != nil {
		return err
	}
	return judge(ctx, r.Workspace, job.ID)
}

// selected is what the conversion's run asks of each document; nil: it is about all.
func (c conversion) selected(s sources) func(path string) (group string, selected bool) {
	if c.only == nil {
		return nil
	}
	return func(path string) (string, bool) {
		source := convert.SourceOf(path)
		return c.only(s.ids[source], path[len(source):])
	}
}

func progressOf(p convert.Progress) workspace.Progress {
	return workspace.Progress{Done: int64(p.Done), Total: int64(p.Total), Unit: "files", Message: p.Path, BytesDone: p.Bytes, BytesTotal: p.TotalBytes}
}

// judge says whether a job that has dealt with all its documents has failed.
func judge(ctx context.Context, ws *workspace.Workspace, jobID string) error {
	counts, err := ws.CountDocuments(ctx, jobID)
	if err != nil {
		return err
	}
	switch {
	case counts[workspace.StatusConverted] > 0:
		return nil
	case counts[workspace.StatusFailed] > 0:
		return fault.New(fault.Invalid, "No file could be converted. The reasons stand beside the files.")
	default:
		return fault.New(fault.Invalid, "There is no XML in this upload, so there was nothing to convert.")
	}
}

// sources are a job's files as the conversion reads them.
type sources struct {
	list  []archive.Source
	ids   map[string]string // file id by manifest path
	bytes int64             // of all
}

// sources opens nothing yet.
func (r *Runner) sources(ctx context.Context, h *hold, ids []string) (sources, error) {
	src, names := sources{ids: make(map[string]string, len(ids))}, make([]string, len(ids))
	for i, id := range ids {
		file, err := r.Workspace.File(ctx, id)
		if err != nil {
			return src, fmt.Errorf("read file of job: %w", err)
		}
		names[i] = file.Name
		src.bytes += file.Size
		src.list = append(src.list, archive.Source{Size: file.Size, Open: opener(h, file)})
	}
	for i, path := range convert.SourcePaths(names) {
		src.ids[path], src.list[i].Path = ids[i], path
	}
	return src, nil
}

func opener(h *hold, file *workspace.File) func(context.Context) (archive.Content, error) {
	return func(ctx context.Context) (archive.Content, error) { return h.source(ctx, file) }
}
