package system

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// makeZip makes an archive of files, by the names they have.
func makeZip(t testing.TB, files ...file) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, f := range files {
		part, err := w.Create(f.name)
		if err == nil {
			_, err = part.Write(f.content)
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

func text(name, content string) file { return file{name, []byte(content)} }

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

// manyBooks is an archive of n documents.
func manyBooks(t testing.TB, n, records int) []byte {
	t.Helper()
	files := make([]file, n)
	for i := range files {
		files[i] = text(fmt.Sprintf("part%02d/doc%05d.xml", i%20, i), books(records))
	}
	return makeZip(t, files...)
}
