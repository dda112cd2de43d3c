package browser

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// entry is a file for makeZip.
type entry struct {
	name    string
	content []byte
}

func text(name, content string) entry { return entry{name, []byte(content)} }

func makeZip(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, e := range entries {
		f, err := w.Create(e.name)
		if err == nil {
			_, err = f.Write(e.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// books is a document with n records.
func books(n int) string {
	var b strings.Builder
	b.WriteString("<library>\n")
	for i := range n {
		fmt.Fprintf(&b, "<book id=\"b%d\"><title>Title %d</title><author>Author %d</author></book>\n", i, i, i%7)
	}
	b.WriteString("</library>\n")
	return b.String()
}
