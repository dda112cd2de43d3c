package jobs

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ret/server/files"
	"ret/server/keys"
	"ret/server/queue"
	"ret/shared/convert"
	"ret/shared/outcome"
	"ret/shared/workspace"
	"ret/shared/xmltable"
)

// onlyRun is a Runner of which a test says what it does.
type onlyRun struct {
	*Runner
	run func(context.Context, *queue.Task) error
}

func (r onlyRun) Run(ctx context.Context, t *queue.Task) error { return r.run(ctx, t) }

// A group of tables has no rows before the names of its blobs are durable: where the
// folder cannot be synced, as it is not there, nothing is written down.
func TestRowsComeAfterTheirFolderIsSynced(t *testing.T) {
	root := t.TempDir()
	master, err := keys.Open(root+".key", true)
	if err != nil {
		t.Fatal(err)
	}
	store, err := files.OpenStore(root, master, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	folder, err := store.Open("one")
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	ws, err := workspace.Open(filepath.Join(root, "workspace.db"), workspace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	accepted, err := ws.Accept(t.Context(), workspace.Upload{
		ID: workspace.NewID(), Digest: "d", Job: &workspace.NewJob{Kind: "convert", MaxAttempts: 1},
		Files: []*workspace.File{{Name: "a.xml", SHA256: strings.Repeat("0", 64), Kind: "xml", Blob: "input/a"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	id := accepted.Job.ID
	output := filepath.Join(root, "sessions", "one", "output")
	runner := &Runner{Workspace: ws, Folder: folder, Log: slog.New(slog.DiscardHandler)}
	var flushed error
	q := queue.New(queue.Config{Workers: 0})
	line := q.NewLine("one", ws, onlyRun{runner, func(ctx context.Context, task *queue.Task) error {
		s := newTableStore(runner, task, newHold(folder, task.Turn), outcome.Job{ID: id, Files: map[string]string{"a.xml": accepted.Files[0].ID}})
		s.since = time.Now().Add(time.Hour) // no group is written down but by close
		tables, err := s.Begin(ctx, []xmltable.Table{{Name: "a", Columns: []xmltable.Column{{Name: "x"}}}})
		if err == nil {
			err = tables.Row(0, [][]byte{[]byte("1")})
		}
		if err == nil {
			err = tables.Close()
		}
		if err == nil {
			err = s.Finish(ctx, convert.Result{Files: []convert.File{{Path: "a.xml", Status: convert.Converted}}, Tables: tables})
		}
		if err == nil {
			err = os.Rename(output, output+".away")
		}
		if err != nil {
			return err
		}
		flushed = s.close(nil)
		return flushed
	}})
	defer line.Close()
	if err := line.RunNow(t.Context(), id, "convert"); err != nil {
		t.Fatal(err)
	}
	list, err := ws.Tables(t.Context(), workspace.TableFilter{}, workspace.Page{})
	if err != nil {
		t.Fatal(err)
	}
	if flushed == nil || len(list.Items) > 0 {
		t.Errorf("%d tables are written down, %v", len(list.Items), flushed)
	}
}
