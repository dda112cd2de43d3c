package converter

import (
	"encoding/json"
	"strings"
	"testing"

	"ret/server/command"
	"ret/shared/convert"
)

func TestInspectForPeople(t *testing.T) {
	inTempFolder(t)
	writeFile(t, "x.xml", booksXML)
	code, out, errOut := ret(t, "inspect", "x.xml")
	want := "x.xml: well-formed, root library, 2 values\n  record book\n  candidate book: 2 elements, 2 values\n  table book: title\n"
	if code != command.ExitOK || out != want || errOut != "" {
		t.Errorf("code %d, printed %q and %q", code, out, errOut)
	}
}

func TestInspectJSON(t *testing.T) {
	inTempFolder(t)
	writeFile(t, "a.zip", zipOf(t, "bad.xml", badXML, "x.xml", booksXML))
	code, out, errOut := ret(t, "inspect", "--json", "a.zip")
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if code != command.ExitFailed || len(lines) != 2 || !strings.HasPrefix(errOut, "a.zip!/bad.xml:2:6: ") {
		t.Fatalf("code %d, printed %q and %q", code, out, errOut)
	}
	var bad, good convert.Inspection
	if err := json.Unmarshal([]byte(lines[0]), &bad); err != nil || bad.WellFormed || bad.Error.Line != 2 {
		t.Errorf("%s: %v", lines[0], err)
	}
	if err := json.Unmarshal([]byte(lines[1]), &good); err != nil || !good.WellFormed || good.Record != "book" || len(good.Tables) != 1 {
		t.Errorf("%s: %v", lines[1], err)
	}
}

func TestInspectWithoutAnyXML(t *testing.T) {
	inTempFolder(t)
	writeFile(t, "readme.txt", "hello")
	if code, _, errOut := ret(t, "inspect", "readme.txt"); code != command.ExitFailed || !strings.Contains(errOut, "no XML") {
		t.Errorf("code %d, printed %q", code, errOut)
	}
}
