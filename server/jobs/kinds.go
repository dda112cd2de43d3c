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
}

var kinds = map[string]Kind{
	"convert": convertKind,
}

// New describes a job of a kind, or returns an error of kind Invalid.
func New(kind string, options json.RawMessage, maxAttempts int) (workspace.NewJob, error) {
	k, ok := kinds[kind]
	if !ok {
		return workspace.NewJob{}, fault.New(fault.Invalid, "There is no kind of job called %q. Use \"convert\".", kind)
	}
	if err := k.Check(options); err != nil {
		return workspace.NewJob{}, err
	}
	var compact bytes.Buffer
	if len(bytes.TrimSpace(options)) > 0 {
		if err := json.Compact(&compact, options); err != nil {
			return workspace.NewJob{}, fault.Wrap(fault.Invalid, err, "The options are not JSON.")
		}
	}
	return workspace.NewJob{Kind: kind, Options: compact.Bytes(), MaxAttempts: maxAttempts}, nil
}
