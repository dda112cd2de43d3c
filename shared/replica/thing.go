package replica

import (
	"errors"
	"fmt"

	"ret/shared/workspace"
)

// EncodeThing writes a change with the thing's value. Where that is longer than a
// frame has room for, the value lacks its lists (a table's columns; a job's
// files, errors, documents and tables) and says so by "partial": true; all of it can be had
// over HTTP.
func EncodeThing(t workspace.Thing) ([]byte, error) {
	text, err := encodeValue(t.Change, t.Value)
	if errors.Is(err, ErrTooLong) {
		text, err = encodeValue(t.Change, partial(t.Value))
	}
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", t.Entity, err)
	}
	return text, nil
}

func encodeValue(ch workspace.Change, value any) ([]byte, error) {
	out := Change{Seq: ch.Seq, Entity: ch.Entity, ID: ch.ID, Op: ch.Op, Group: ch.Group}
	if ch.Op == workspace.Put {
		raw, err := marshal(value)
		if err != nil {
			return nil, err
		}
		out.Value = raw
	}
	return EncodeChange(out)
}

// partial is a value without what makes it long.
func partial(value any) any {
	switch v := value.(type) {
	case *workspace.Table:
		short := *v
		short.Columns = nil
		return struct {
			workspace.Table
			Partial bool `json:"partial"`
		}{short, true}
	case *workspace.Job:
		short := *v
		short.Files, short.Errors, short.Documents, short.Progress.Message = nil, nil, nil, ""
		if v.Result != nil {
			result := *v.Result
			result.Tables = nil
			short.Result = &result
		}
		return struct {
			workspace.Job
			Partial bool `json:"partial"`
		}{short, true}
	}
	return value
}
