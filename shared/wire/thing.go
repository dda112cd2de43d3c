package wire

import (
	"encoding/json"
	"errors"
	"fmt"

	"ret/shared/fault"
	"ret/shared/workspace"
)

// EncodeThing writes a change with the thing's value. Where that is longer than a
// frame has room for, the value lacks its lists (a table's columns; a job's
// files, errors, documents and tables, and what an answer's model was shown) and says so by "partial": true; all of it can be had
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
		raw, err := Marshal(value)
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
		if v.Answer != nil {
			answer := *v.Answer
			answer.Shown = nil
			short.Answer = &answer
		}
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

// Things reads a delta's values; Invalid if one cannot be read.
func (d *Delta) Things() (things []workspace.Thing, err error) {
	things = make([]workspace.Thing, len(d.Changes))
	for i, ch := range d.Changes {
		if things[i], err = ch.thing(); err != nil {
			return nil, err
		}
	}
	return things, nil
}

// thing reads a change's value.
func (ch Change) thing() (workspace.Thing, error) {
	t := workspace.Thing{Change: workspace.Change{Seq: ch.Seq, Entity: ch.Entity, ID: ch.ID, Op: ch.Op, Group: ch.Group}}
	if ch.Op == workspace.Del {
		return t, nil
	}
	t.Value = workspace.NewValue(ch.Entity)
	if err := json.Unmarshal(ch.Value, t.Value); err != nil {
		return t, fault.Wrap(fault.Invalid, err, "The value of a changed %s cannot be read.", ch.Entity)
	}
	return t, nil
}
