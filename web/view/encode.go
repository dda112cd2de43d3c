package view

import (
	"context"
	"errors"

	"ret/shared/wire"
	"ret/shared/workspace"
)

// EncodeFragments is Fragments as the live channel sends them. One that is too long for
// a frame is left out: the page has it when it is drawn again.
func EncodeFragments(ctx context.Context, ws *workspace.Workspace, changed []workspace.Change) ([]wire.EncodedChange, error) {
	fragments, err := Fragments(ctx, ws, changed)
	if err != nil {
		return nil, err
	}
	encoded := make([]wire.EncodedChange, 0, len(fragments))
	for _, f := range fragments {
		text, err := wire.EncodeChange(wire.Change{
			Seq: f.Change.Seq, Entity: f.Change.Entity, ID: f.Change.ID, Op: f.Change.Op,
			Target: f.Target, Swap: string(f.Swap), HTML: f.HTML,
		})
		if errors.Is(err, wire.ErrTooLong) {
			continue
		}
		if err != nil {
			return nil, err
		}
		encoded = append(encoded, wire.EncodedChange{Seq: f.Change.Seq, Text: text})
	}
	return encoded, nil
}
