package wire_test

import (
	"errors"
	"strings"
	"testing"

	"ret/shared/wire"
	"ret/shared/workspace"
	"ret/shared/xmltable"
)

func change(t *testing.T, seq int64, htmlBytes int) wire.EncodedChange {
	t.Helper()
	text, err := wire.EncodeChange(wire.Change{
		Seq: seq, Entity: workspace.EntityFile, ID: "f", Op: workspace.Put,
		Target: "files", Swap: "append", HTML: strings.Repeat("<", htmlBytes),
	})
	if err != nil {
		t.Fatal(err)
	}
	return wire.EncodedChange{Seq: seq, Text: text}
}

// parts reads all the deltas that it takes to send changes up to a seq.
func parts(t *testing.T, to int64, changes []wire.EncodedChange) (deltas []*wire.Delta) {
	t.Helper()
	for at := int64(0); at < to; {
		frame, reached := wire.EncodeDelta(at, to, changes)
		if len(frame) > wire.MaxFrameBytes {
			t.Fatalf("a frame of %d bytes", len(frame))
		}
		decoded, err := wire.DecodeServer(frame)
		if err != nil {
			t.Fatal(err)
		}
		d := decoded.(*wire.Delta)
		if d.From != at || d.To != reached || reached <= at {
			t.Fatalf("delta from %d to %d, reached %d from %d", d.From, d.To, reached, at)
		}
		deltas = append(deltas, d)
		at = reached
		for len(changes) > 0 && changes[0].Seq <= at {
			changes = changes[1:]
		}
	}
	return deltas
}

func TestDeltasAreCutBetweenSeqs(t *testing.T) {
	var changes []wire.EncodedChange
	for seq := range int64(40) {
		for range 3 {
			changes = append(changes, change(t, seq+1, 30_000))
		}
	}
	deltas := parts(t, 50, changes)
	if len(deltas) < 3 {
		t.Errorf("%d deltas", len(deltas))
	}
	got := 0
	for _, d := range deltas {
		if len(d.Changes)%3 != 0 {
			t.Errorf("a seq is parted: %d changes", len(d.Changes))
		}
		got += len(d.Changes)
	}
	if got != len(changes) || deltas[len(deltas)-1].To != 50 {
		t.Errorf("%d changes of %d, up to %d", got, len(changes), deltas[len(deltas)-1].To)
	}
}

func TestLongestChangeFitsIntoADelta(t *testing.T) {
	long := change(t, 2, wire.MaxChangeBytes-200)
	deltas := parts(t, 3, []wire.EncodedChange{change(t, 1, 200_000), long, long, change(t, 3, 10)})
	var seqs []int64
	for _, d := range deltas {
		for _, ch := range d.Changes {
			seqs = append(seqs, ch.Seq)
		}
	}
	// The second one of seq 2 has no room beside the first.
	if len(seqs) != 3 || seqs[0] != 1 || seqs[1] != 2 || seqs[2] != 3 {
		t.Errorf("seqs %v", seqs)
	}
	_, err := wire.EncodeChange(wire.Change{Seq: 1, HTML: strings.Repeat("x", wire.MaxChangeBytes)})
	if !errors.Is(err, wire.ErrTooLong) {
		t.Errorf("a longer one: %v", err)
	}
}

func TestThingsTooLongForAFrameComeWithoutTheirLists(t *testing.T) {
	table := &workspace.Table{ID: "t", Name: "wide", Rows: 7, Columns: make([]xmltable.Column, 16384)}
	for i := range table.Columns {
		table.Columns[i] = xmltable.Column{Name: "a column of some length", Path: "/root/record/a-column-of-some-length", Kind: xmltable.Text}
	}
	job := &workspace.Job{ID: "j", Kind: "convert", State: workspace.StateQueued, Files: make([]string, 20_000)}
	for i := range job.Files {
		job.Files[i] = workspace.NewID()
	}
	for _, thing := range []workspace.Thing{
		{Change: workspace.Change{Seq: 1, Entity: workspace.EntityTable, ID: "t", Op: workspace.Put}, Value: table},
		{Change: workspace.Change{Seq: 1, Entity: workspace.EntityJob, ID: "j", Op: workspace.Put}, Value: job},
	} {
		text, err := wire.EncodeThing(thing)
		if err != nil || len(text) > 2000 || !strings.Contains(string(text), `"partial":true`) || !strings.Contains(string(text), `"id":"`+thing.ID+`"`) {
			t.Errorf("%d bytes, %v: %.300s", len(text), err, text)
		}
	}
	if len(table.Columns) != 16384 || len(job.Files) != 20_000 {
		t.Error("the thing itself was cut")
	}
}
