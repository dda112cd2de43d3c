package convert_test

import (
	"embed"
	"os"
	"strconv"
	"strings"
	"testing"

	"ret/shared/convert"
	"ret/shared/convert/converttest"
)

// The documents of docs/recipes.md.
//
//go:embed testdata/recipes
var recipeDocuments embed.FS

// recipesPage is read and not embedded, since it lies elsewhere; under js/wasm node
// reads it.
func recipesPage(t *testing.T) []converttest.Recipe {
	t.Helper()
	page, err := os.ReadFile("../../docs/recipes.md")
	if err != nil {
		t.Fatal(err)
	}
	recipes := converttest.Recipes(string(page))
	if len(recipes) < 21 {
		t.Fatalf("the page has %d recipes", len(recipes))
	}
	return recipes
}

// Each command of the page gives the tables that stand there, and no others, in the
// browser's module as in the program.
func TestRecipesOfThePage(t *testing.T) {
	for _, r := range recipesPage(t) {
		t.Run(r.File, func(t *testing.T) {
			document, err := recipeDocuments.ReadFile("testdata/recipes/" + r.File)
			if err != nil {
				t.Fatal(err)
			}
			s := newShelf()
			run(t, s, optionsOf(t, r.Args), source(r.File, string(document)))
			for _, f := range s.results[0].Files {
				if f.Status != convert.Converted || len(f.Warnings) > 0 {
					t.Errorf("%s: %v, %q", f.Status, f.Error, f.Warnings)
				}
			}
			for _, table := range r.Tables {
				if got, there := s.files[table.File]; !there || got != table.CSV {
					t.Errorf("%s is\n%s\nthe page says\n%s", table.File, got, table.CSV)
				}
				delete(s.files, table.File)
			}
			for name, csv := range s.files {
				t.Errorf("the page does not show `%s`\n\n```csv\n%s```", name, csv)
			}
		})
	}
}

// optionsOf reads the flags that stand on the page.
func optionsOf(t *testing.T, args []string) (o convert.Options) {
	t.Helper()
	for i := 0; i < len(args); i++ {
		value := func() string { i++; return args[i] }
		switch flag := strings.TrimPrefix(args[i], "--"); flag {
		case "record":
			o.Record = value()
		case "max-repeat":
			n, err := strconv.Atoi(value())
			if err != nil {
				t.Fatal(err)
			}
			o.MaxRepeat = n
		case "pivot":
			o.Pivot = append(o.Pivot, value())
		case "flat":
			o.Flat = true
		case "by-local-name":
			o.ByLocalName = true
		case "xml":
			o.XML = true
		default:
			t.Fatalf("the test does not know --%s", flag)
		}
	}
	return o
}
