package xmltable

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What differs from the suite, one a line: the test's id, a space, the reason.
//
//go:embed testdata/conformance.txt
var knownDifferences string

// The W3C XML conformance suite, without documents that have external entities:
// RET_XMLCONF names the folder that holds its xmlconf.xml. The suite is not part
// of this repository; `make conformance` fetches it and runs this test.
func TestConformance(t *testing.T) {
	folder := os.Getenv("RET_XMLCONF")
	if folder == "" {
		t.Skip("RET_XMLCONF names no conformance suite; make conformance fetches it")
	}
	reasons := readDifferences(t)
	var score conformance
	for _, test := range readSuite(t, folder) {
		if !test.applies() {
			continue
		}
		err := accepts(t, test.file)
		differs := score.count(test, err)
		_, listed := reasons[test.ID]
		switch {
		case differs && !listed:
			t.Errorf("%s (%s, %s): %v", test.ID, test.Type, test.file, err)
		case !differs && listed:
			t.Errorf("%s is listed as different, but is not", test.ID)
		}
	}
	score.check(t)
}

// conformance counts what a scanner makes of a suite.
type conformance struct{ wellFormed, accepted, illFormed, refused int }

func (c *conformance) count(test suiteTest, err error) (differs bool) {
	if test.Type == "not-wf" {
		c.illFormed++
		if err != nil {
			c.refused++
		}
		return err == nil
	}
	c.wellFormed++
	if err == nil {
		c.accepted++
	}
	return err != nil
}

func (c *conformance) check(t *testing.T) {
	t.Logf("accepted %d of %d well-formed, refused %d of %d ill-formed documents",
		c.accepted, c.wellFormed, c.refused, c.illFormed)
	if c.wellFormed < 500 || c.illFormed < 500 {
		t.Errorf("the suite is not whole")
	}
	if c.accepted < c.wellFormed || 100*c.refused < 97*c.illFormed {
		t.Errorf("expected all well-formed documents accepted and 97 of 100 others refused")
	}
}

type suiteTest struct {
	ID             string `xml:"ID,attr"`
	Type           string `xml:"TYPE,attr"`
	URI            string `xml:"URI,attr"`
	Entities       string `xml:"ENTITIES,attr"`
	Version        string `xml:"VERSION,attr"`
	Edition        string `xml:"EDITION,attr"`
	Recommendation string `xml:"RECOMMENDATION,attr"`
	file           string
}

// applies: XML 1.0, 5th edition, well-formedness, nothing external.
func (s suiteTest) applies() bool {
	return (s.Entities == "none" || s.Entities == "") && s.Type != "error" &&
		(s.Version == "" || strings.Contains(s.Version, "1.0")) &&
		(s.Edition == "" || strings.Contains(s.Edition, "5")) &&
		s.Recommendation != "XML1.1" && s.Recommendation != "NS1.1"
}

var suiteEntity = regexp.MustCompile(`<!ENTITY (\S+)\s+SYSTEM "([^"]+)">`)

// readSuite reads all catalogues that xmlconf.xml includes.
func readSuite(t *testing.T, folder string) []suiteTest {
	t.Helper()
	index, err := os.ReadFile(filepath.Join(folder, "xmlconf.xml"))
	if err != nil {
		t.Fatal(err)
	}
	var tests []suiteTest
	for _, m := range suiteEntity.FindAllSubmatch(index, -1) {
		tests = append(tests, readCatalogue(t, filepath.Join(folder, string(m[2])))...)
	}
	return tests
}

// readCatalogue reads one catalogue; its tests lie beside it.
func readCatalogue(t *testing.T, file string) (tests []suiteTest) {
	t.Helper()
	b, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return nil
	}
	d := xml.NewDecoder(bytes.NewReader(b))
	d.Strict = false
	for {
		token, err := d.Token()
		if err == io.EOF {
			return tests
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "TEST" {
			var test suiteTest
			if err := d.DecodeElement(&test, &start); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			test.file = filepath.Join(filepath.Dir(file), test.URI)
			tests = append(tests, test)
		}
	}
}

func accepts(t *testing.T, file string) error {
	t.Helper()
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Scan(t.Context(), Input{Path: file, Size: info.Size(), Open: func(context.Context) (io.ReadCloser, error) {
		return os.Open(file)
	}}, Options{})
	return err
}

func readDifferences(t *testing.T) map[string]string {
	t.Helper()
	reasons := map[string]string{}
	lines := bufio.NewScanner(strings.NewReader(knownDifferences))
	for lines.Scan() {
		id, reason, _ := strings.Cut(lines.Text(), " ")
		if reason == "" {
			t.Errorf("%s has no reason", id)
		}
		reasons[id] = reason
	}
	return reasons
}
