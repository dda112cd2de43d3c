//go:build !race && !js

package archive_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"ret/shared/archive"
)

// What hostile input costs, promised without the race detector and outside of the
// browser: `make costs` runs these.

// TestLongNamesAreBounded: names that are long together end the listing of their
// archive, in as little time as they take.
func TestLongNamesAreBounded(t *testing.T) {
	inner := make([]member, 2000)
	for i := range inner {
		inner[i] = member{name: fmt.Sprintf("%060000d.xml", i), data: "<x/>"}
	}
	packed := string(makeZip(t, inner...))
	whole := source("a.zip", makeZip(t, member{name: strings.Repeat("n", 60000) + ".zip", data: packed}, member{name: "x.xml", data: "<x/>"}))
	began := time.Now()
	l := list(t, archive.Options{Scratch: &folder{path: t.TempDir()}}, whole)
	last := l.Entries[len(l.Entries)-1]
	if len(l.Entries) > 1200 || time.Since(began) > 5*time.Second {
		t.Errorf("%d entries after %v, the last %s", len(l.Entries), time.Since(began), last.Reason)
	}
}

// TestBombs hands over a quarter of a gigabyte of zeros in every format, as others
// have packed it. Each fails within the limits, and costs neither time nor memory.
func TestBombs(t *testing.T) {
	bombs := map[string][]byte{}
	files, err := testdata.ReadDir("testdata/bombs")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if bombs[file.Name()], err = testdata.ReadFile("testdata/bombs/" + file.Name()); err != nil {
			t.Fatal(err)
		}
	}
	bombs["nested.gz"] = gzipped(t, string(gzipped(t, string(gzipped(t, strings.Repeat(" ", 256<<20))))))
	for name, data := range bombs {
		t.Run(name, func(t *testing.T) { testBomb(t, name, data) })
	}
}

func testBomb(t *testing.T, name string, data []byte) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	began := time.Now()
	l := list(t, archive.Options{Scratch: &folder{path: t.TempDir()}}, source(name, data))
	took := time.Since(began)
	runtime.ReadMemStats(&after)
	if e := &l.Entries[len(l.Entries)-1]; e.State != archive.Failed || !strings.HasPrefix(e.Reason, "This file would grow") {
		t.Errorf("listed\n%s", describe(l))
	}
	if took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 200<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
}

// TestNamesOfOneKindAreLinear asks for as many names as took a quarter of an hour
// when each began to count anew.
func TestNamesOfOneKindAreLinear(t *testing.T) {
	began, names := time.Now(), archive.Names{}
	const many = 200_000
	for range many {
		names.Unique("x.xml")
	}
	for i := range many {
		if got := names.Unique(fmt.Sprintf("x~%d.xml", i+2)); got != fmt.Sprintf("x~%d~2.xml", i+2) && i < many-1 {
			t.Fatalf("x~%d.xml becomes %s", i+2, got)
		}
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("%d names of one kind took %v", 2*many, took)
	}
}
