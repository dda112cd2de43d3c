package xmltable

import (
	"strings"
	"testing"
)

// With --flat the rows have the whole text of a mixed element beside them, and to
// that belongs what stands in a table of its own.
func TestFlatKeepsWholeTexts(t *testing.T) {
	document := "<r><q><k>1</k><k>2</k><n>3</n>text<m>4</m></q>" + strings.Repeat("<p><a>1</a><b>2</b></p>", 3) + "</r>"
	_, got := convert(t, Options{Flat: true, Record: "//p", MaxRepeat: 1}, text("x.xml", document))
	if n := strings.Count(got["p"], "123text4"); n != 3 {
		t.Errorf("%d of 3 rows have the whole text of q: %s", n, got["p"])
	}
}
