package pages

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/uuid"

	"ret/web/page"
)

// choose picks files of the given names, each of 1,000 bytes.
func choose(t *testing.T, ctx context.Context, names ...string) {
	t.Helper()
	folder := t.TempDir()
	var paths []string
	for _, name := range names {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, make([]byte, 1000), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	do(t, ctx, chromedp.SetUploadFiles("#upload input[name=file]", paths, chromedp.NodeReady))
}

func ready(t *testing.T) (*stand, context.Context) {
	t.Helper()
	s := newStand(t, page.WorkbenchView{})
	ctx := browse(t, s)
	s.connected(t).welcome(4)
	holds(t, ctx, `document.querySelector("#connection").textContent === "live"`)
	return s, ctx
}

func TestAnUploadSaysWhatItIsBeforeItsBytes(t *testing.T) {
	s, ctx := ready(t)
	do(t, ctx, chromedp.SetValue(`#upload input[name=record]`, "//row", chromedp.NodeReady))
	choose(t, ctx, "a.zip")
	u := receive(t, s.uploads, "the upload")
	if !slices.Equal(u.order, []string{"id", "options", "file"}) || u.size != 1000 || u.fields["file"] != "a.zip" {
		t.Errorf("sent %v, %d bytes, %v", u.order, u.size, u.fields)
	}
	if id, err := uuid.Parse(u.fields["id"]); err != nil || id.Version() != 7 {
		t.Errorf("the id is %q", u.fields["id"])
	}
	var options map[string]any
	if err := json.Unmarshal([]byte(u.fields["options"]), &options); err != nil || options["record"] != "//row" || options["merge"] == true {
		t.Errorf("the options are %s", u.fields["options"])
	}
	u.answer <- answer{201, `{"items":[]}`}
	holds(t, ctx, `document.querySelectorAll("#uploads > li").length === 0`)
}

func TestAFailedUploadStaysChosen(t *testing.T) {
	s, ctx := ready(t)
	choose(t, ctx, "a.zip")
	first := receive(t, s.uploads, "the upload")
	first.answer <- problem(507, "The disk of this server is full.")
	holds(t, ctx, `document.querySelector("#uploads [data-part=problem]").textContent === "The disk of this server is full."`)
	do(t, ctx, chromedp.Click("#uploads [data-part=again]"))
	second := receive(t, s.uploads, "the second try")
	if second.fields["id"] != first.fields["id"] {
		t.Error("the second try is another upload")
	}
	second.answer <- answer{201, `{"items":[]}`}
	holds(t, ctx, `document.querySelectorAll("#uploads > li").length === 0`)
}

// Nobody waits for an upload of which nobody hears any more: where the server is gone
// the row says so at once, and does not go on being "uploading".
func TestAnUploadEndsWithItsServer(t *testing.T) {
	s := newStand(t, page.WorkbenchView{})
	ctx := browse(t, s)
	live := s.connected(t)
	live.welcome(4)
	holds(t, ctx, `document.querySelector("#connection").textContent === "live"`)
	choose(t, ctx, "a.zip")
	receive(t, s.uploads, "the upload") // which is never answered
	s.away.Store(true)
	_ = live.ws.Close()
	holds(t, ctx, `document.querySelector("#uploads > li").dataset.state === "failed"`)
	if said := evaluate[string](t, ctx, `document.querySelector("#uploads [data-part=problem]").textContent`); !strings.Contains(said, "server can") {
		t.Errorf("it says %q", said)
	}
}

func TestUploadsQueueUpAndCanBeCancelled(t *testing.T) {
	s, ctx := ready(t)
	choose(t, ctx, "a.zip", "b.zip", "c.zip")
	first := receive(t, s.uploads, "the first upload")
	holds(t, ctx, `document.querySelectorAll("#uploads > li").length === 3`)
	do(t, ctx, chromedp.Click("#uploads > li:nth-child(2) [data-part=cancel]"))
	first.answer <- answer{201, `{"items":[]}`}
	third := receive(t, s.uploads, "the third upload")
	if third.fields["file"] != "c.zip" {
		t.Errorf("next came %s", third.fields["file"])
	}
	third.answer <- answer{201, `{"items":[]}`}
	holds(t, ctx, `document.querySelectorAll("#uploads > li").length === 0`)
}

func TestFilesToMergeGoUpTogether(t *testing.T) {
	s, ctx := ready(t)
	do(t, ctx, chromedp.Click(`#upload label:has(input[name=merge][value="1"])`))
	choose(t, ctx, "a.zip", "b.zip")
	u := receive(t, s.uploads, "the upload")
	if !slices.Equal(u.order, []string{"id", "options", "file", "file"}) || u.size != 2000 {
		t.Errorf("sent %v, %d bytes", u.order, u.size)
	}
	u.answer <- answer{201, `{"items":[]}`}
	holds(t, ctx, `document.querySelectorAll("#uploads > li").length === 0`)
}
