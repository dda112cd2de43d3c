package xmltable

import (
	"bytes"
	"strings"
	"testing"
)

func csvOf(t testing.TB, opts CSVOptions, columns int, rows ...[][]byte) string {
	t.Helper()
	var b bytes.Buffer
	names := make([]Column, columns)
	for i := range names {
		names[i].Name = string(rune('a' + i))
	}
	c := NewCSV(&b, names, opts)
	for _, r := range rows {
		if err := c.Row(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
	if c.Bytes() != int64(b.Len()) {
		t.Errorf("says %d bytes, has written %d", c.Bytes(), b.Len())
	}
	return b.String()
}

func cells(values ...string) (cells [][]byte) {
	for _, v := range values {
		if v == "absent" {
			cells = append(cells, nil)
		} else {
			cells = append(cells, []byte(v))
		}
	}
	return cells
}

func TestCSVSwitches(t *testing.T) {
	one := [][][]byte{cells("absent"), cells(""), cells("=1")}
	two := [][][]byte{cells("absent", ""), cells("-1", "a,\"b\"\n"), cells("@", "+\r")}
	for _, c := range []struct {
		opts    CSVOptions
		columns int
		rows    [][][]byte
		want    string
	}{
		{CSVOptions{}, 1, one, "a\n\"\"\n\"\"\n=1\n"},
		{CSVOptions{KeepAbsent: true}, 1, one, "a\n\n\"\"\n=1\n"},
		{CSVOptions{ExcelSafe: true}, 1, one, "a\n\"\"\n\"\"\n'=1\n"},
		{CSVOptions{}, 2, two, "a,b\n,\"\"\n-1,\"a,\"\"b\"\"\n\"\n@,\"+\r\"\n"},
		{CSVOptions{ExcelSafe: true}, 2, two, "a,b\n,\"\"\n-1,\"a,\"\"b\"\"\n\"\n'@,\"'+\r\"\n"},
		{CSVOptions{Delimiter: ';'}, 2, [][][]byte{cells("1;2", "1,2"), cells("absent", "long enough to be looked at; by words")}, "a;b\n\"1;2\";1,2\n;\"long enough to be looked at; by words\"\n"},
		{CSVOptions{Delimiter: '\t', ExcelSafe: true}, 2, [][][]byte{cells("+1.000,5", "-1.."), cells("+", "=1")}, "a\tb\n+1.000,5\t'-1..\n'+\t'=1\n"},
		{CSVOptions{BOM: true, CRLF: true}, 2, two[:1], "\uFEFFa,b\r\n,\"\"\r\n"},
	} {
		if got := csvOf(t, c.opts, c.columns, c.rows...); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.opts, got, c.want)
		}
	}
}

// What is written reads back the same, absent apart from empty.
func FuzzCSV(f *testing.F) {
	f.Add("a,b\n\"c\"|absent||=x\r", uint8(2), false)
	f.Add("absent||x", uint8(1), true)
	f.Add(strings.Repeat("long text without anything special ", 9)+"|,|\"|\x00|ü", uint8(3), false)
	f.Fuzz(func(t *testing.T, data string, columns uint8, crlf bool) {
		n := int(columns%5) + 1
		values := strings.Split(data, "|")
		var rows [][][]byte
		for len(values) >= n {
			rows = append(rows, cells(values[:n]...))
			values = values[n:]
		}
		written := csvOf(t, CSVOptions{CRLF: crlf, KeepAbsent: true}, n, rows...)
		got := parseCSV(t, written, crlf)[1:]
		if len(got) != len(rows) {
			t.Fatalf("%d rows of %d: %q", len(got), len(rows), written)
		}
		for i := range rows {
			for j := range rows[i] {
				if want, have := rows[i][j], got[i][j]; !bytes.Equal(want, have) || (want == nil) != (have == nil) {
					t.Fatalf("row %d: %q, want %q: %q", i, have, want, written)
				}
			}
		}
	})
}

// parseCSV reads the format of docs/flattening.md, by hand because encoding/csv
// cannot tell absent from empty.
func parseCSV(t *testing.T, s string, crlf bool) (rows [][][]byte) {
	t.Helper()
	end := "\n"
	if crlf {
		end = "\r\n"
	}
	for s != "" {
		var row [][]byte
		for {
			var cell []byte
			if strings.HasPrefix(s, `"`) {
				cell = []byte{}
				for s = s[1:]; ; s = s[1:] {
					if strings.HasPrefix(s, `""`) {
						s = s[1:]
					} else if s[0] == '"' {
						s = s[1:]
						break
					}
					cell = append(cell, s[0])
				}
			} else {
				n := strings.IndexAny(s, ",\r\n")
				if n > 0 {
					cell = []byte(s[:n])
				}
				s = s[n:]
			}
			row = append(row, cell)
			if s[0] == ',' {
				s = s[1:]
				continue
			}
			if !strings.HasPrefix(s, end) {
				t.Fatalf("no line end: %q", s)
			}
			s = s[len(end):]
			break
		}
		rows = append(rows, row)
	}
	return rows
}
