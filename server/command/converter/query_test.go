package converter

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ret/server/command"
)

const shopXML = `<shop><item id="1"><name>A</name><price>12.50</price><tag>x</tag><tag>y</tag></item><item id="2"><name/><price>7</price></item><item id="3"/></shop>`

func TestQuery(t *testing.T) {
	inTempFolder(t)
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	writeFile(t, "shop.xml", shopXML)
	writeFile(t, "bad.xml", badXML)
	writeFile(t, "b.zip", zipOf(t, "x.xml", shopXML))
	for _, c := range []struct {
		args        string // parted by |
		code        int
		out, errOut string
	}{
		{"SELECT * FROM item|shop.xml", command.ExitOK, "@id,name,price,tag,tag[2]\n1,A,12.5,x,y\n2,\"\",7,,\n3,,,,\n", ""},
		{"SELECT price FROM item ORDER BY price DESC|shop.xml", command.ExitOK, "price\n12.5\n7\n\"\"\n", ""},
		{"SELECT name, price, price FROM item LIMIT 2|shop.xml|--json", command.ExitOK, `{"name":"A","price":12.5,"price~2":12.5}` + "\n" + `{"name":"","price":7,"price~2":7}` + "\n", ""},
		{"--max-repeat|1|SELECT name, tag.* FROM item JOIN \"item.tag\" tag ON _parent = _id|shop.xml", command.ExitOK, "name,_parent,_pos,#text\nA,1,1,x\nA,1,2,y\n", ""},
		{`SELECT _source, count(*) FROM item UNION ALL SELECT _source, count(*) FROM "item~2"|b.zip|shop.xml`, command.ExitOK, "_source,count(*)\nb.zip!/x.xml,3\nshop.xml,3\n", ""},
		{"SELECT sum(price) FROM item|shop.xml|bad.xml", command.ExitFailed, "sum(price)\n19.5\n", "bad.xml:2:6: "},
		{"SELECT\n nowhere FROM item|shop.xml", command.ExitFailed, "", "SQL:2:2: No such column: nowhere.\n"},
		{"SELECT * FROM nowhere|shop.xml", command.ExitFailed, "", `SQL:1:15: There is no table "nowhere".` + "\n"},
		{"SELECT * FORM item|missing.xml", command.ExitFailed, "", `SQL:1:10: Near "FORM": syntax error.` + "\n"},
		{"DELETE FROM item|shop.xml", command.ExitFailed, "", "SQL:1:"},
		{"SELECT 1|missing.xml", command.ExitFailed, "", "missing.xml: There is no such file or folder.\n"},
		{"SELECT 1", command.ExitUsage, "", "ret query: name at least one file, folder or zip behind the SELECT\n"},
		{"", command.ExitUsage, "", "ret query: "},
	} {
		code, out, errOut := ret(t, append([]string{"query"}, strings.FieldsFunc(c.args, func(r rune) bool { return r == '|' })...)...)
		if code != c.code || out != c.out || !strings.HasPrefix(errOut, c.errOut) || errOut != "" && c.errOut == "" {
			t.Errorf("%s: code %d, printed %q and %q", c.args, code, out, errOut)
		}
	}
	if left := must(filepath.Glob(filepath.Join(temp, "*"))); len(left) > 0 {
		t.Errorf("%q is left in %s", left, os.TempDir())
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
