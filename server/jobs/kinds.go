package jobs

import (
	"bytes"
	"context"
	"encoding/json"

	"ret/server/queue"
	"ret/shared/fault"
	"ret/shared/workspace"
)

// Kind is a kind of job.
type Kind struct {
	// Check returns an error of kind Invalid for options it cannot take.
	Check func(options json.RawMessage) error

	// Run does a job. It reports progress through the task, and stores what it
	// makes under the task's fence.
	Run func(ctx context.Context, r *Runner, t *queue.Task) error

	// WithoutFiles says that its jobs are about no file.
	WithoutFiles bool

	// Once says that its jobs are tried once.
	Once bool
}

var kinds = map[string]Kind{
	"convert":           convertKind,
	workspace.KindMerge: mergeKind,
	workspace.KindIndex: indexKind,
	workspace.KindAsk:   askKind,
}

// WithoutFiles reports whether jobs of a kind are about no file.
func WithoutFiles(kind string) bool { return kinds[kind].WithoutFiles }

// MaxOptionsBytes bounds the options of a job as they are stored, so that the job
// fits into a frame of the live channel. The layout of about 2,000 columns does.
const MaxOptionsBytes = 512 << 10

// New describes a job of a kind, or returns an error of kind Invalid.
func New(kind string, options json.RawMessage, maxAttempts int) (workspace.NewJob, error) {
	spec := workspace.NewJob{Kind: kind, Options: options, MaxAttempts: maxAttempts}
	return spec, Check(&spec)
}

// Check returns an error of kind Invalid for a job that no kind can do, and
// brings its options into the form that is stored.
func Check(spec *workspace.NewJob) error {
	k, ok := kinds[spec.Kind]
	if !ok {
		return fault.New(fault.Invalid, "There is no kind of job called %q. Use \"convert\", \"merge\", \"index\" or \"ask\".", spec.Kind)
	}
	if err := k.Check(spec.Options); err != nil {
		return err
	}
	if k.Once {
		spec.MaxAttempts = 1
	}
	var compact bytes.Buffer
	if len(bytes.TrimSpace(spec.Options)) > 0 {
		if err := json.Compact(&compact, spec.Options); err != nil {
			return fault.Wrap(fault.Invalid, err, "The options are not JSON.")
		}
	}
	if compact.Len() > MaxOptionsBytes {
		return fault.New(fault.TooLarge, "The options of a job may have %d KiB, and these have %d. A recipe as long as this is for ret convert --recipe.", MaxOptionsBytes>>10, compact.Len()>>10)
	}
	spec.Options = compact.Bytes()
	return nil
}
