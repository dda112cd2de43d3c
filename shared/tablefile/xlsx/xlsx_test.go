package xlsx

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"ret/shared/fault"
	"ret/shared/tablefile"
	"ret/shared/xmltable"
)

const absent = "∅"

// table stores rows of cells; absent stands for no cell.
func table(t testing.TB, columns []string, rows ...[]string) *tablefile.Table {
	t.Helper()
	var b bytes.Buffer
	described := make([]xmltable.Column, len(columns))
	for i, name := range columns {
		described[i].Name = name
	}
	w := tablefile.NewWriter(&b, described)
	for _, row := range rows {
		cells := make([][]byte, len(row))
		for i, cell := range row {
			if cell != absent {
				cells[i] = append([]byte{}, cell...)
			}
		}
		if err := w.Row(cells); err != nil {
			t.Fatal(err)
		}
	}
	index, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	opened, err := tablefile.Open(bytes.NewReader(b.Bytes()), index)
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

func workbook(t testing.TB, sheets ...Sheet) *excelize.File {
	t.Helper()
	var b bytes.Buffer
	if err := Write(t.Context(), &b, sheets); err != nil {
		t.Fatal(err)
	}
	return read(t, b.Bytes())
}

func read(t testing.TB, data []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func cell(t testing.TB, f *excelize.File, sheet, ref string) (string, excelize.CellType) {
	t.Helper()
	value, err := f.GetCellValue(sheet, ref, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	kind, err := f.GetCellType(sheet, ref)
	if err != nil {
		t.Fatal(err)
	}
	return value, kind
}

func TestTextsComeBackAsTheyWere(t *testing.T) {
	for _, text := range []string{
		"plain", " space ", "tab\tand\nline", "cr\rlf\r\n", "<&>\"'", "", "ä 日本 😀", "007", "=1+1", "1e5", "true",
		"_x0041_", "_x005F_", "_x005F_x0041_", "_x0041_x0042_", "_x0041_x0042_x0043_", "a_x000D_b", "_x00", "__x0041__", "_xD83D_", "_x0041_x0042_x004", "]]>",
	} {
		f := workbook(t, Sheet{"s", table(t, []string{"c", "_x0041_"}, []string{text, "x"})})
		if got, kind := cell(t, f, "s", "A2"); got != text || kind != excelize.CellTypeInlineString {
			t.Errorf("%q came back as %q, type %v", text, got, kind)
		}
		if got, _ := cell(t, f, "s", "B1"); got != "_x0041_" {
			t.Errorf("the header came back as %q", got)
		}
	}
}

func TestAbsentIsNoCell(t *testing.T) {
	f := workbook(t, Sheet{"s", table(t, []string{"a", "b", "c"}, []string{absent, "", "x"})})
	if _, kind := cell(t, f, "s", "A2"); kind != excelize.CellTypeUnset {
		t.Errorf("an absent cell has type %v", kind)
	}
	if _, kind := cell(t, f, "s", "B2"); kind != excelize.CellTypeInlineString {
		t.Errorf("an empty cell has type %v", kind)
	}
}

func TestColumnsAreNumericOnlyAsAWhole(t *testing.T) {
	for _, column := range []struct {
		cells   []string
		numeric bool
	}{
		{[]string{"1", "-2.5", absent, "0", "0.1", "123456789012345", "-0.5", "0.00001"}, true},
		{[]string{"1", "02"}, false},
		{[]string{"1", "1.0", "12.50", "0.00", "-0.10"}, true},
		{[]string{"-0.0"}, false},
		{[]string{"-0"}, false},
		{[]string{"+1"}, false},
		{[]string{"1e5"}, false},
		{[]string{".5"}, false},
		{[]string{"1."}, false},
		{[]string{""}, false},
		{[]string{"1234567890123456"}, false},
		{[]string{"12345678901.23456"}, false},
		{[]string{"12345678901.2345"}, true},
		{[]string{"1 "}, false},
	} {
		var rows [][]string
		for _, c := range column.cells {
			rows = append(rows, []string{c})
		}
		f := workbook(t, Sheet{"s", table(t, []string{"n"}, rows...)})
		for i, c := range column.cells {
			if c == absent {
				continue
			}
			got, kind := cell(t, f, "s", "A"+string(rune('2'+i)))
			if got != c || (kind != excelize.CellTypeInlineString) != column.numeric {
				t.Errorf("%q of %q came back as %q, type %v", c, column.cells, got, kind)
			}
		}
	}
}

func TestSheetNames(t *testing.T) {
	long := strings.Repeat("n", 40)
	one := table(t, []string{"a"}, []string{"1"})
	f := workbook(t, Sheet{"Book", one}, Sheet{"book", one}, Sheet{`a\b/c?d*e[f]g:h`, one}, Sheet{long, one}, Sheet{long, one}, Sheet{"'q'", one})
	want := []string{"Book", "book~2", "a_b_c_d_e_f_g_h", long[:31], long[:29] + "~2", "_q_"}
	if got := f.GetSheetList(); strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("sheets are %q", got)
	}
}

func TestRowsGoOnOnTheNextSheet(t *testing.T) {
	rows := [][]string{{"1"}, {"2"}, {"3"}, {"4"}, {"5"}}
	var out bytes.Buffer
	if err := write(t.Context(), &out, []Sheet{{"name", table(t, []string{"n"}, rows...)}}, 3); err != nil {
		t.Fatal(err)
	}
	f := read(t, out.Bytes())
	for sheet, want := range map[string]string{"name": "n 1 2", "name (2)": "n 3 4", "name (3)": "n 5"} {
		got, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		var values []string
		for _, row := range got {
			values = append(values, row...)
		}
		if strings.Join(values, " ") != want {
			t.Errorf("%s holds %v, want %s", sheet, values, want)
		}
	}
}

func TestWhatExcelCannotHoldIsRefused(t *testing.T) {
	fits := strings.Repeat("é", maxCellUnits)
	f := workbook(t, Sheet{"s", table(t, []string{"c"}, []string{fits})})
	if got, _ := cell(t, f, "s", "A2"); got != fits {
		t.Errorf("a text of %d characters came back with %d bytes", maxCellUnits, len(got))
	}
	wide := make([]string, maxColumns+1)
	for name, refused := range map[string]*tablefile.Table{
		"columns": table(t, wide),
	} {
		err := Write(t.Context(), &bytes.Buffer{}, []Sheet{{"s", refused}})
		if !fault.Is(err, fault.TooLarge) || !strings.Contains(fault.Message(err), "Use CSV") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A text that no cell holds stands in pieces on a last sheet, and its cell says
// where.
func TestLongValues(t *testing.T) {
	pairs := strings.Repeat("😀", maxCellUnits/2+1) // no pair is cut
	long := strings.Repeat("x", maxCellUnits) + "y" + strings.Repeat("z", maxCellUnits)
	one := table(t, []string{"a", "b"}, []string{"1", "short"}, []string{long, pairs})
	f := workbook(t, Sheet{"one", one}, Sheet{"two", table(t, []string{"c"}, []string{long})})
	for at, want := range map[string]string{"A2": "1", "B2": "short", "A3": "see long values 2", "B3": "see long values 5"} {
		if got, _ := cell(t, f, "one", at); got != want {
			t.Errorf("%s is %q, want %q", at, got, want)
		}
	}
	if got, _ := cell(t, f, "two", "A2"); got != "see long values 7" {
		t.Errorf("the second table says %q", got)
	}
	rows, err := f.GetRows("long values")
	if err != nil || len(rows) != 9 || strings.Join(rows[0], ",") != "table,row,column,part,text" {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	joined := map[string]string{}
	for i, row := range rows[1:] {
		if units := len(utf16.Encode([]rune(row[4]))); units > maxCellUnits {
			t.Errorf("row %d holds %d units", i+2, units)
		}
		joined[strings.Join(row[:3], ",")] += row[4]
	}
	if joined["one,2,a"] != long || joined["one,2,b"] != pairs || joined["two,1,c"] != long {
		t.Error("the pieces are not the texts")
	}
}
