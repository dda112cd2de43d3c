package converter

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// manyTables is a document that becomes so many tables below its main one.
func manyTables(tables int) string {
	var b strings.Builder
	b.WriteString("<r><i>")
	for n := range tables {
		b.WriteString(strings.Repeat(fmt.Sprintf("<e%d>x</e%d>", n, n), 9))
	}
	b.WriteString("</i><i/></r>")
	return b.String()
}

// allowFiles lets the process open so few files.
func allowFiles(t *testing.T, n uint64) {
	t.Helper()
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	few := before
	few.Cur = n
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &few); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before) })
}

// A document may have many more tables than the process may have open files, and its
// tables are the same.
func TestMoreTablesThanDescriptors(t *testing.T) {
	inTempFolder(t)
	writeFile(t, "x.xml", manyTables(1000))
	allowFiles(t, 200)
	for _, format := range []string{"csv", "xlsx"} {
		if code, _, errOut := ret(t, "convert", "-o", format, "--format", format, "x.xml"); code != 0 {
			t.Fatalf("%s: exit %d: %s", format, code, errOut)
		}
	}
	if files := filesBelow(t, "csv"); len(files) != 1002 {
		t.Errorf("%d files", len(files))
	}
	for _, name := range []string{"e0", "e999"} {
		if table := readText(t, filepath.Join("csv", "x.i."+name+".csv")); table != "_parent,_pos,#text\n"+strings.Join([]string{"1,1,x", "1,2,x", "1,3,x", "1,4,x", "1,5,x", "1,6,x", "1,7,x", "1,8,x", "1,9,x", ""}, "\n") {
			t.Errorf("%s: %q", name, table)
		}
	}
}

// Where no file can be made, the run ends with a sentence, and leaves nothing.
func TestNoDescriptorsLeft(t *testing.T) {
	inTempFolder(t)
	writeFile(t, "x.xml", manyTables(100))
	for _, format := range []string{"csv", "xlsx"} {
		t.Run(format, func(t *testing.T) {
			allowFiles(t, uint64(openFiles(t)+30))
			code, _, errOut := ret(t, "convert", "-o", format, "--format", format, "x.xml")
			if code != 1 || !strings.Contains(errOut, "Writing to "+format) {
				t.Errorf("exit %d: %s", code, errOut)
			}
			if files := filesBelow(t, format); len(files) != 0 {
				t.Errorf("left are %v", files)
			}
		})
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}
