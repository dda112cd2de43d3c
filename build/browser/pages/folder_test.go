package pages

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"

	"ret/build/browser/drop"
	"ret/web/page"
)

// folderOf makes a folder "export" with these files, each of ten bytes.
func folderOf(t *testing.T, files ...string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "export")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("<r>1234</r"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

var inTheFolder = []string{"a.xml", "ar/batch 1/b.xml", "ar/c.xml", ".DS_Store", "ar/._c.xml", "__MACOSX/a.xml"}

var wantOfTheFolder = []string{"export/a.xml", "export/ar/batch 1/b.xml", "export/ar/c.xml"}

func TestADroppedFolderGoesUpWithThePathsOfItsFiles(t *testing.T) {
	s, ctx := ready(t)
	do(t, ctx, drop.Paths(folderOf(t, inTheFolder...)))
	u := receive(t, s.uploads, "the folder's files")
	if !slices.Equal(u.names, wantOfTheFolder) || u.size != 30 {
		t.Errorf("sent %q, %d bytes", u.names, u.size)
	}
	holds(t, ctx, `document.querySelector("#uploads [data-part=name]").textContent === "export: 3 files"`)
	u.answer <- answer{201, `{"items":[]}`}
	holds(t, ctx, `document.querySelectorAll("#uploads > li").length === 0`)
}

// A folder's reader gives its entries a hundred at a time.
func TestALargeFolderGoesUpWhole(t *testing.T) {
	s, ctx := ready(t)
	var names []string
	for i := range 350 {
		names = append(names, fmt.Sprintf("%03d.xml", i))
	}
	do(t, ctx, drop.Paths(folderOf(t, names...)))
	u := receive(t, s.uploads, "the folder's files")
	if len(u.names) != len(names) {
		t.Errorf("%d of %d files went up", len(u.names), len(names))
	}
	u.answer <- answer{201, `{"items":[]}`}
}

func TestAFolderGoesUpInPortionsThatTheServerTakes(t *testing.T) {
	s := newStand(t, page.WorkbenchView{Limits: page.UploadLimits{FileBytes: 25}})
	ctx := browse(t, s)
	s.connected(t).welcome(4)
	do(t, ctx, drop.Paths(folderOf(t, inTheFolder...)))
	for _, want := range [][]string{wantOfTheFolder[:2], wantOfTheFolder[2:]} {
		u := receive(t, s.uploads, "a portion")
		if !slices.Equal(u.names, want) {
			t.Errorf("sent %q, want %q", u.names, want)
		}
		u.answer <- answer{201, `{"items":[]}`}
	}
}

func TestFilesAndFoldersAreDroppedTogether(t *testing.T) {
	s, ctx := ready(t)
	folder := folderOf(t, "a.xml")
	alone := filepath.Join(folderOf(t, "b.xml"), "b.xml")
	do(t, ctx, drop.Paths(folder, alone))
	for _, want := range []string{"b.xml", "export/a.xml"} {
		u := receive(t, s.uploads, want)
		if !slices.Equal(u.names, []string{want}) {
			t.Errorf("sent %q, want %s", u.names, want)
		}
		u.answer <- answer{201, `{"items":[]}`}
	}
}

func TestAChosenFolderGoesUpWithThePathsOfItsFiles(t *testing.T) {
	s, ctx := ready(t)
	do(t, ctx, chromedp.SetUploadFiles("#upload input[webkitdirectory]", []string{folderOf(t, inTheFolder...)}, chromedp.NodeReady))
	u := receive(t, s.uploads, "the folder's files")
	slices.Sort(u.names)
	if !slices.Equal(u.names, wantOfTheFolder) {
		t.Errorf("sent %q", u.names)
	}
	u.answer <- answer{201, `{"items":[]}`}
}

func TestAnEmptyFolderSaysSo(t *testing.T) {
	_, ctx := ready(t)
	do(t, ctx, drop.Paths(folderOf(t, ".DS_Store")))
	holds(t, ctx, `document.querySelector("#uploads [data-part=problem]").textContent === "There is no file in this folder."`)
	do(t, ctx, chromedp.Click("#uploads [data-part=cancel]"))
	holds(t, ctx, `document.querySelectorAll("#uploads > li").length === 0`)
}

// What cannot be read ends a request as a lost network does, and is told from it.
func TestAFileThatIsGoneSaysNothingOfTheNetwork(t *testing.T) {
	s, ctx := ready(t)
	folder := folderOf(t, "a.xml", "b.xml")
	a, b := filepath.Join(folder, "a.xml"), filepath.Join(folder, "b.xml")
	do(t, ctx, chromedp.SetUploadFiles("#upload input[name=file]", []string{a, b}, chromedp.NodeReady))
	first := receive(t, s.uploads, "the first file")
	if err := os.Remove(b); err != nil {
		t.Fatal(err)
	}
	first.answer <- answer{201, `{"items":[]}`}
	holds(t, ctx, `document.querySelector("#uploads [data-part=problem]").textContent.startsWith("b.xml cannot be read")`)
}
