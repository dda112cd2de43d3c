package convert_test

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"ret/shared/convert"
)

func TestNames(t *testing.T) {
	long := strings.Repeat("ä", 150)
	n := convert.NewNames()
	for _, c := range []struct {
		path   string
		tables []string
		want   []string
	}{
		{"a.zip!/sub/x.xml", []string{"book", "book.author", "_document"}, []string{"a/sub/x.csv", "a/sub/x.book.author.csv", "a/sub/x._document.csv"}},
		{"A.zip!/sub/X.XML", []string{"book", "book.author"}, []string{"A/sub/X~2.csv", "A/sub/X.book.author~2.csv"}},
		{"a.zip!/b.v1.zip!/y.rss", []string{"r"}, []string{"a/b.v1/y.csv"}},
		{`we<i>r:d"|?*\. /x. .xml`, []string{"ns:t"}, []string{"we_i_r_d_______/x. .csv"}},
		{"dump.xml.gz", []string{"r", "r.i"}, []string{"dump.csv", "dump.r.i.csv"}},
		{"set.tar.gz!/v1.0.zip!/a.xml", []string{"r"}, []string{"set/v1.0/a.csv"}},
		{"Con.xml", []string{"r", "x"}, []string{"Con_.csv", "Con_.x.csv"}},
		{"aux/lpt1.tar/CONIN$.x/clock$", []string{"r"}, []string{"aux_/lpt1_.tar/CONIN$_.x/clock$_.csv"}},
		{"com.xml", []string{"r"}, []string{"com.csv"}},
		{"-", []string{"r", "i"}, []string{"stdin.csv", "stdin.i.csv"}},
		{"-!/a.xml", []string{"r"}, []string{"stdin/a.csv"}},
		{"y.", []string{"r", `a\.b:c`}, []string{"y_.csv", "y_.a_.b_c.csv"}},
		{"a/sub/x.csv/z.xml", []string{"r"}, []string{"a/sub/x.csv~2/z.csv"}},
		{"manifest.json/z.xml", []string{"r"}, []string{"manifest.json~2/z.csv"}},
		{long + ".xml", []string{"r"}, []string{strings.Repeat("ä", 98) + "-HASH.csv"}},
	} {
		got := n.Document(c.path, c.tables, convert.CSV)
		sum := sha256.Sum256([]byte(c.path))
		c.want[0] = strings.Replace(c.want[0], "HASH", hex.EncodeToString(sum[:4]), 1)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s becomes %q, want %q", c.path, got, c.want)
		}
	}
}

func TestWorkbookNames(t *testing.T) {
	n := convert.NewNames()
	for _, want := range []string{"x.xlsx", "x~2.xlsx"} {
		if got := n.Document("x.xml", []string{"a", "a.b"}, convert.XLSX); got[0] != want || got[1] != want {
			t.Errorf("names are %q, want %s", got, want)
		}
	}
	if got := n.Merged("g:1", []string{"row", "row.x"}, convert.CSV); !slices.Equal(got, []string{"g_1/row.csv", "g_1/row.x.csv"}) {
		t.Errorf("merged names are %q", got)
	}
}

// FuzzNames asserts what holds for every name: it stays below the output folder,
// is legal everywhere and unlike all others.
func FuzzNames(f *testing.F) {
	f.Add("a.zip!/sub/x.xml", "../x.xml", "book.author")
	f.Add("CON:/..", " . ", `\_id`)
	f.Fuzz(func(t *testing.T, first, second, table string) {
		n := convert.NewNames()
		seen := map[string]bool{}
		for _, path := range []string{first, second, first, strings.ToUpper(first)} {
			for _, file := range n.Document(path, []string{"main", table}, convert.CSV) {
				if key := strings.ToLower(file); seen[key] {
					t.Errorf("%q twice", file)
				} else {
					seen[key] = true
				}
				checkLegal(t, file)
			}
		}
	})
}

func checkLegal(t *testing.T, file string) {
	t.Helper()
	for _, part := range strings.Split(file, "/") {
		if part == "" || len(part) > 255 || strings.ContainsAny(part, "<>:\"\\|?*\x00\n") || strings.HasSuffix(part, ".") || strings.HasSuffix(part, " ") {
			t.Errorf("%q has the part %q", file, part)
		}
	}
}

// Names that file systems take for equal, since they differ only in case or in how
// an accent is written, are told apart; marks that make a name look like another one
// are no part of it.
func TestNamesThatLookTheSame(t *testing.T) {
	n := convert.NewNames()
	var got []string
	for _, path := range []string{"\u00c4rzte.xml", "A\u0308rzte.xml", "\u00e4rzte.xml", "gnp\u202exml.xml", "a\u0085b\u200f.xml"} {
		got = append(got, n.Document(path, []string{"t"}, convert.CSV)...)
	}
	want := []string{"\u00c4rzte.csv", "A\u0308rzte~2.csv", "\u00e4rzte~3.csv", "gnp_xml.csv", "a_b_.csv"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
