package converter

import (
	"os"
	"path/filepath"
	"testing"

	"ret/shared/convert/converttest"
)

// The commands of docs/recipes.md do what stands there, word for word.
func TestRecipesOnTheCommandLine(t *testing.T) {
	page, err := os.ReadFile("../../../docs/recipes.md")
	if err != nil {
		t.Fatal(err)
	}
	documents, err := filepath.Abs("../../../shared/convert/testdata/recipes")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range converttest.Recipes(string(page)) {
		t.Run(r.File, func(t *testing.T) {
			inTempFolder(t)
			args := append([]string{"convert"}, r.Args...)
			if code, _, errOut := ret(t, append(args, "-o", "out", filepath.Join(documents, r.File))...); code != 0 {
				t.Fatalf("exit %d: %s", code, errOut)
			}
			for _, table := range r.Tables {
				if got := readText(t, filepath.Join("out", table.File)); got != table.CSV {
					t.Errorf("%s is\n%s\nthe page says\n%s", table.File, got, table.CSV)
				}
			}
			if files := filesBelow(t, "out"); len(files) != len(r.Tables)+1 { // and the manifest
				t.Errorf("there are %v", files)
			}
		})
	}
}
