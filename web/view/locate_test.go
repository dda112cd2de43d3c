package view

import (
	"strings"
	"testing"

	"ret/shared/workspace"
	"ret/shared/xmltable"
	"ret/web/page"
)

// The open cell's value is found where it stands in the record, also where others are
// like it.
func TestLocate(t *testing.T) {
	const book = `<m:book id="7" xmlns:m="u"><title a='7'>T &amp; Co</title><who><name>A</name></who><who lang="de"><name>A</name></who>` +
		`<p>some <b>bold</b> <!-- <b>no</b> -->text</p><l><no>1</no></l><l><no>1</no></l><e/><tag k="a" v="9"/></m:book>`
	for _, c := range []struct {
		kind              xmltable.Kind
		path, value, want string // want: what is marked, in brackets with what is before it
	}{
		{xmltable.Text, "/lib/Q{u}book/title", "T & Co", "<title a='7'>[T &amp; Co]"},
		{xmltable.Attribute, "/lib/Q{u}book/@id", "7", `<m:book id="[7]`},
		{xmltable.Attribute, "/lib/Q{u}book/title/@a", "7", `<title a='[7]`},
		{xmltable.Text, "/lib/Q{u}book/who[2]/name", "A", `<who lang="de"><name>[A]`},
		{xmltable.Text, "/lib/Q{u}book/who/name", "A", `<who><name>[A]`},
		{xmltable.Attribute, "/lib/Q{u}book/who[2]/@lang", "de", `<who lang="[de]`},
		{xmltable.Text, "/lib/Q{u}book/p", "some bold text", "<p>[some <b>bold</b> <!-- <b>no</b> -->text]"},
		{xmltable.Markup, "/lib/Q{u}book/p", "some <b>bold</b> <!-- <b>no</b> -->text", "<p>[some <b>bold</b> <!-- <b>no</b> -->text]"},
		{xmltable.Attribute, "/lib/Q{u}book/tag/@v", "9", `v="[9]`},
		{xmltable.Text, "/lib/Q{u}book/e", "", "<e/>[]"},
		{xmltable.Text, "/lib/Q{u}book/none", "x", ""},
		{xmltable.ID, "/lib/Q{u}book", "7", ""},
	} {
		table := &workspace.Table{Columns: []xmltable.Column{{Name: "c", Path: c.path, Kind: c.kind}}}
		begin, end := locate(book, table, page.RowView{Column: "c", Cells: []page.Cell{{Text: c.value}}})
		before, value, marks := strings.Cut(c.want, "[")
		value = strings.TrimSuffix(value, "]")
		if book[begin:end] != value || !strings.HasSuffix(book[:begin], before) || !marks && end != 0 {
			t.Errorf("%s %s: marked is %q after %q, want %q", c.path, c.value, book[begin:end], book[max(0, begin-20):begin], c.want)
		}
	}
	child := &workspace.Table{Columns: []xmltable.Column{{Name: "_pos", Path: "/lib/Q{u}book/l", Kind: xmltable.Position}, {Name: "no", Path: "/lib/Q{u}book/l/no", Kind: xmltable.Text}}}
	begin, _ := locate(book, child, page.RowView{Column: "no", Cells: []page.Cell{{Text: "2"}, {Text: "1"}}})
	if want := strings.LastIndex(book, "<no>") + 4; begin != want {
		t.Errorf("the second child's value is found at %d, want %d", begin, want)
	}
}
