package jobs

import (
	"bytes"
	"context"
	"encoding/json"

	"ret/server/queue"
	"ret/shared/convert"
	"ret/shared/fault"
	"ret/shared/workspace"
)

// mergeKind gives the documents of a class one set of tables, beside those that each has:
// the same that they would have been given if their groups had been merged from the
// beginning.
var mergeKind = Kind{
	Check: func(options json.RawMessage) error {
		_, err := parseMerge(options)
		return err
	},
	Run: runMerge,
}

// mergeOptions are the options of a merge.
type mergeOptions struct {
	Class string `json:"class"` // as tables say it
}

func parseMerge(options json.RawMessage) (o mergeOptions, err error) {
	d := json.NewDecoder(bytes.NewReader(options))
	d.DisallowUnknownFields()
	if err := d.Decode(&o); err != nil || o.Class == "" {
		return o, fault.New(fault.Invalid, "A job of kind \"merge\" takes one option, \"class\": which documents it merges.")
	}
	return o, nil
}

// ClassOf is the class that a job of kind merge with these options is about, or an error of
// kind Invalid.
func ClassOf(options json.RawMessage) (string, error) {
	o, err := parseMerge(options)
	return o.Class, err
}

// NewMerge describes the job that merges a class.
func NewMerge(class string, maxAttempts int) (workspace.NewJob, error) {
	options, err := json.Marshal(mergeOptions{class})
	if err != nil {
		return workspace.NewJob{}, err
	}
	return New(workspace.KindMerge, options, maxAttempts)
}

func runMerge(ctx context.Context, r *Runner, t *queue.Task) error {
	job, err := t.Job(ctx)
	if err != nil {
		return err
	}
	o, err := parseMerge(job.Options)
	if err != nil {
		return err
	}
	docs, asConverted, err := r.Workspace.ClassDocuments(ctx, o.Class)
	if err != nil {
		return err
	}
	options, err := convert.ParseOptions(asConverted)
	if err != nil {
		return err
	}
	options.Merge, options.Include, options.Exclude = true, nil, nil
	return conversion{Runner: r, task: t, job: job, options: options, class: o.Class, only: only(docs)}.run(ctx)
}

// only selects documents by their file and their place in it: another job may know the file
// by another path. All of them are of one group, whatever that path says.
func only(docs []workspace.ClassDocument) func(fileID, path string) (group string, selected bool) {
	type place struct{ file, path string }
	selected := make(map[place]bool, len(docs))
	for _, d := range docs {
		selected[place{d.FileID, d.Source[len(convert.SourceOf(d.Source)):]}] = true
	}
	return func(fileID, path string) (string, bool) {
		return docs[0].Group, selected[place{fileID, path}]
	}
}
