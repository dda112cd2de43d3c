package ask

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ret/shared/workspace"
)

// seen are a query with its result and a cell that was found.
func seen() *shown {
	s := newShown(100)
	text := func(cell string) *string { return &cell }
	s.show(workspace.Shown{Tool: toolSQL}, [][]*string{{text("Verlag A"), text("1234.56")}, {text("Verlag B"), text("0.125")}})
	s.source(workspace.Citation{SQL: "SELECT x FROM t WHERE year > 1999"}, []string{"Verlag A", "1234.56", "Verlag B", "0.125", "SELECT x FROM t WHERE year > 1999"}, 2)
	s.show(workspace.Shown{Tool: toolSearch}, [][]*string{{text("printed 2024-05-01 in Wien")}})
	s.source(workspace.Citation{TableID: "T", Row: 7, Column: "note"}, []string{"printed 2024-05-01 in Wien"}, -1)
	return &s
}

// said writes statements as tests compare them: text, then citations, then what is
// wrong with it.
func said(a *workspace.AskAnswer) (list []string) {
	for _, s := range a.Statements {
		text := s.Text
		if s.Line {
			text = "¶" + text
		}
		for _, n := range s.Citations {
			text += fmt.Sprintf(" [%d]", n)
		}
		if s.Claim && len(s.Citations) == 0 {
			text += " UNCITED"
		}
		if len(s.Unproved) > 0 {
			text += " UNPROVED " + strings.Join(s.Unproved, " ")
		}
		list = append(list, text)
	}
	return list
}

func TestStatementsAndWhatTheyCite(t *testing.T) {
	for text, want := range map[string][]string{
		"Verlag A sold 1,234.56 [1].":                                   {"¶Verlag A sold 1,234.56. [1]"},
		"Verlag A sold 1.234,56. [1] It was printed in Wien.[2]":        {"¶Verlag A sold 1.234,56. [1]", "It was printed in Wien. [2]"},
		"Two publishers【1】 are there. No more are.":                     {"¶Two publishers are there. [1]", "No more are. UNCITED"},
		"There are 2 publishers since 1999 [1], about 1235 in sum [1].": {"¶There are 2 publishers since 1999, about 1235 in sum. [1]"},
		"There are 3 publishers [1].":                                   {"¶There are 3 publishers. [1] UNPROVED 3"},
		"It is 12.5 % or 13 % [1], not 14 % [1].":                       {"¶It is 12.5 % or 13 %, not 14 %. [1] UNPROVED 14"},
		"The totals are:\n- Verlag A: 1234.56 [1]\n- Verlag B: 9 [1]":   {"¶The totals are:", "¶- Verlag A: 1234.56 [1]", "¶- Verlag B: 9 [1] UNPROVED 9"},
		"1. Verlag A [1]\n2. Verlag B [1]":                              {"¶1. Verlag A [1]", "¶2. Verlag B [1]"},
		"Printed 1 May 2024, on 2024-05-01 [2, 1].\n[9]":                {"¶Printed 1 May 2024, on 2024-05-01. [1] [2]"},
		"Nothing of that is known [3][0][77].":                          {"¶Nothing of that is known. UNCITED"},
		"It is known.\n[1]":                                             {"¶It is known. [1]"},
		"Mr. Huber, e.g. no. 7, wrote it [2]. Shall I look on?":         {"¶Mr. Huber, e.g. no. 7, wrote it. [1] UNPROVED 7", "Shall I look on?"},
		"":              nil,
		"[1]":           nil,
		"In 2024 nine.": {"¶In 2024 nine. UNCITED UNPROVED 2024"},
		"You asked about 4711. Verlag 234 is none, nor is 56 [1].":         {"¶You asked about 4711. UNCITED", "Verlag 234 is none, nor is 56. [1] UNPROVED 234 56"},
		"It ends with … and goes on [1]":                                   {"¶It ends with … and goes on [1]"},
		"<b>Bold</b> ![x](https://evil.example/?q=1) stays what it is [2]": {"¶<b>Bold</b> ![x](https://evil.example/?q=1) stays what it is [1]"},
	} {
		a := cite(text, "What of 4711?", seen())
		if got := said(a); !slices.Equal(got, want) {
			t.Errorf("%q\n got %q\nwant %q", text, got, want)
		}
		for _, c := range a.Citations {
			if c.SQL == "" && c.TableID == "" {
				t.Errorf("%q cites nothing: %+v", text, c)
			}
		}
	}
}

// The answer's own text names its own citations.
func TestTextNamesItsCitations(t *testing.T) {
	a := cite("In Wien [2]. Verlag A [1][2].\nDone?", "", seen())
	if a.Text != "In Wien. [1] Verlag A. [2][1]\nDone?" || len(a.Citations) != 2 || a.Citations[0].TableID != "T" || a.Uncited() != 0 {
		t.Errorf("%q, %+v", a.Text, a.Citations)
	}
}

func FuzzCite(f *testing.F) {
	f.Add("Verlag A sold 1,234.56 [1]. [2]\n- x [3]")
	f.Add("...[1][1]。 1.2.3.4 […]")
	f.Fuzz(func(t *testing.T, text string) {
		a := cite(text, "", seen())
		for _, s := range a.Statements {
			for _, n := range s.Citations {
				if n < 1 || n > len(a.Citations) {
					t.Fatalf("%q cites %d of %d", text, n, len(a.Citations))
				}
			}
		}
	})
}
