package archive_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"

	"ret/shared/archive"
	"ret/shared/fault"
)

// memory is a Source's content.
type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

func source(path string, data []byte) archive.Source {
	return archive.Source{Path: path, Size: int64(len(data)), Open: func(context.Context) (archive.Content, error) {
		return memory{bytes.NewReader(data)}, nil
	}}
}

// member is an entry of a ZIP made by a test.
type member struct {
	name string
	data string
	edit func(*zip.FileHeader)
}

func stored(h *zip.FileHeader) { h.Method = zip.Store }

func makeZip(t testing.TB, members ...member) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, m := range members {
		h := &zip.FileHeader{Name: m.name, Method: zip.Deflate}
		if m.edit != nil {
			m.edit(h)
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, m.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func list(t testing.TB, opts archive.Options, sources ...archive.Source) *archive.Listing {
	t.Helper()
	l, err := archive.List(t.Context(), sources, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// describe puts a listing into lines: state, group, path, reason.
func describe(l *archive.Listing) string {
	var b strings.Builder
	for i := range l.Entries {
		e := &l.Entries[i]
		state := [...]string{"document", "skipped", "failed"}[e.State]
		fmt.Fprintf(&b, "%s [%s] %s", state, e.Group, e.Path())
		if e.Reason != "" {
			fmt.Fprintf(&b, ": %s", e.Reason)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func expect(t *testing.T, l *archive.Listing, want ...string) {
	t.Helper()
	got := strings.Split(strings.TrimSuffix(describe(l), "\n"), "\n")
	if len(got) != len(want) {
		t.Fatalf("listed\n%s\nwant %d lines", strings.Join(got, "\n"), len(want))
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("line %d is\n%s\nwant\n%s…", i, got[i], want[i])
		}
	}
}

// read gives a document's bytes; what failed when it was listed fails likewise.
func read(t testing.TB, e *archive.Entry) (string, error) {
	t.Helper()
	if e.State == archive.Failed {
		return "", fault.New(fault.Invalid, "%s", e.Reason)
	}
	r, err := e.Open(t.Context())
	if err != nil {
		return "", err
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	return string(data), err
}

func TestNestedArchivesListInOrderWithGroups(t *testing.T) {
	inner := makeZip(t, member{name: "y.xml", data: "<y/>"})
	batch := makeZip(t, member{name: "deep/z.XML", data: "<z/>"})
	outer := makeZip(
		t,
		member{name: "sub/x.xml", data: "<x/>"},
		member{name: "b.zip", data: string(inner)},
		member{name: "stored.zip", data: string(inner), edit: stored},
		member{name: "012_BATCH-a.zip", data: string(batch)},
		member{name: "sub/"},
		member{name: "readme.txt", data: "hello"},
		member{name: "__MACOSX/sub/._x.xml", data: "junk"},
		member{name: "sub/.DS_Store", data: "junk"},
		member{name: "feed.rss", data: "\ufeff <?xml version='1.0'?><rss/>"},
	)
	l := list(t, archive.Options{}, source("in/a.zip", outer), source("plain.xml", []byte("<p/>")), source("in/q.xml", []byte("<q/>")))
	expect(
		t, l,
		"document [a] in/a.zip!/012_BATCH-a.zip!/deep/z.XML",
		"document [b] in/a.zip!/b.zip!/y.xml",
		"document [a] in/a.zip!/feed.rss",
		"skipped [a] in/a.zip!/readme.txt: not XML",
		"document [stored] in/a.zip!/stored.zip!/y.xml",
		"document [a] in/a.zip!/sub/x.xml",
		"document [in] in/q.xml",
		"document [files] plain.xml",
	)
	for range 2 { // every entry opens twice
		if got, err := read(t, &l.Entries[0]); err != nil || got != "<z/>" {
			t.Errorf("read %q, %v", got, err)
		}
	}
}

func TestEntriesOfOneNameBothSurvive(t *testing.T) {
	data := makeZip(
		t,
		member{name: "x.xml", data: "<a/>"},
		member{name: "x.xml", data: "<b/>"},
		member{name: "x~2.xml", data: "<c/>"},
		member{name: "./x.xml", data: "<d/>"},
	)
	l := list(t, archive.Options{}, source("a.zip", data), source("a.zip", data))
	paths := map[string]string{}
	for i := range l.Entries {
		data, err := read(t, &l.Entries[i])
		if err != nil {
			t.Fatal(err)
		}
		paths[l.Entries[i].Path()] = data
	}
	if len(paths) != 8 || paths["a.zip!/x~2.xml"] != "<b/>" || paths["a~2.zip!/x~3.xml"] != "<d/>" {
		t.Errorf("paths are %v", paths)
	}
}

func TestNamesStayInsideTheirArchive(t *testing.T) {
	long := strings.Repeat("n", 296) + ".xml"
	for name, want := range map[string]string{
		"../../up.xml":        "up.xml",
		"/etc/abs.xml":        "etc/abs.xml",
		"C:/drive.xml":        "drive.xml",
		"a//b/./../c.xml":     "a/b/c.xml",
		"nul\x00line\n.xml":   "nul_line_.xml",
		"日本/Ελλ.xml":          "日本/Ελλ.xml",
		long:                  long,
		"caf\x82.xml":         "café.xml", // code page 437
		`..\windows\path.xml`: `windows/path.xml`,
		"b.zip!/x.xml":        "b.zip_/x.xml", // or it might be taken for an entry of b.zip
		"wow!/x.xml":          "wow_/x.xml",
	} {
		l := list(t, archive.Options{}, source("a.zip", makeZip(t, member{name: name, data: "<x/>"})))
		expect(t, l, "document [a] a.zip!/"+want)
	}
}

func TestLinksAreNotFollowed(t *testing.T) {
	data := makeZip(t, member{name: "x.xml", data: "<x/>"}, member{name: "link.xml", data: "/etc/passwd", edit: func(h *zip.FileHeader) {
		h.SetMode(fs.ModeSymlink | 0o777)
	}})
	expect(t, list(t, archive.Options{}, source("a.zip", data)), "skipped [a] a.zip!/link.xml: not a file", "document [a] a.zip!/x.xml")
}

func TestWhatIsNoArchiveFailsWithASentence(t *testing.T) {
	whole := makeZip(t, member{name: "x.xml", data: strings.Repeat("<x/>", 1000)})
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"text.zip", []byte("hello"), "failed [files] text.zip: This is not a ZIP"},
		{"empty.zip", nil, "failed [files] empty.zip: The archive is empty"},
		{"cut.zip", whole[:len(whole)-30], "failed [files] cut.zip: The archive is damaged or cut off"},
		{"nothing.zip", makeZip(t), "failed [files] nothing.zip: The archive holds no XML"},
		{"xml.zip", []byte("<x/>"), "document [files] xml.zip"},
		{"noise.bin", []byte{1, 2, 3}, "skipped [files] noise.bin: not XML"},
		{"unnamed", whole, "document [unnamed] unnamed!/x.xml"},
	} {
		expect(t, list(t, archive.Options{}, source(c.name, c.data)), c.want)
	}
	expect(
		t, list(t, archive.Options{}, source("a.zip", makeZip(t, member{name: "readme.txt", data: "hello"}))),
		"failed [files] a.zip: The archive holds no XML", "skipped [a] a.zip!/readme.txt: not XML",
	)
}

func TestABadNestedArchiveDoesNotSpoilTheRest(t *testing.T) {
	data := makeZip(t, member{name: "bad.zip", data: "no zip"}, member{name: "x.xml", data: "<x/>"})
	expect(t, list(t, archive.Options{}, source("a.zip", data)), "failed [a] a.zip!/bad.zip: This is not a ZIP", "document [a] a.zip!/x.xml")
}

func TestSourceThatCannotBeOpened(t *testing.T) {
	missing := archive.Source{Path: "gone.zip", Open: func(context.Context) (archive.Content, error) {
		return nil, fault.New(fault.NotFound, "There is no such file.")
	}}
	expect(t, list(t, archive.Options{}, missing), "failed [files] gone.zip: There is no such file.")
}

// patch replaces the first occurrence of a record's field after a mark.
func patch(t testing.TB, data []byte, mark string, offset int, value ...byte) []byte {
	t.Helper()
	i := bytes.LastIndex(data, []byte(mark))
	if i < 0 {
		t.Fatal("no such mark")
	}
	data = bytes.Clone(data)
	copy(data[i+offset:], value)
	return data
}

const directoryMark = "PK\x01\x02"

func TestEncryptedAndUnknownMethodFail(t *testing.T) {
	good := makeZip(t, member{name: "a.xml", data: "<a/>"}, member{name: "b.xml", data: "<b/>"})
	encrypted := patch(t, good, directoryMark, 8, 9)
	expect(t, list(t, archive.Options{}, source("z.zip", encrypted)), "document [z] z.zip!/a.xml", "failed [z] z.zip!/b.xml: This file is encrypted")

	l := list(t, archive.Options{}, source("z.zip", patch(t, good, directoryMark, 10, 99)))
	if _, err := read(t, &l.Entries[1]); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Message(err), "compressed in a way") {
		t.Errorf("reading an unknown method: %v", err)
	}
}

func TestDamagedEntryFailsWhenRead(t *testing.T) {
	text := strings.Repeat("<x>some text</x>", 100)
	good := makeZip(t, member{name: "x.xml", data: text, edit: stored})
	at := bytes.Index(good, []byte("some"))
	flipped := bytes.Clone(good)
	flipped[at] ^= 1
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"flipped bit":      {flipped, "does not match its checksum"},
		"announces less":   {patch(t, good, directoryMark, 24, 5, 0, 0, 0), "cannot be unpacked"},
		"announces more":   {patch(t, good, directoryMark, 24, 0xff, 0xff, 0, 0), "cut off"},
		"no local header":  {append([]byte("XX"), good[2:]...), "cannot be unpacked"},
		"garbage deflated": {patch(t, patch(t, good, directoryMark, 10, 8), "PK\x03\x04", 8, 8), "cannot be unpacked"},
	} {
		l := list(t, archive.Options{}, source("a.zip", c.data))
		if got, err := read(t, &l.Entries[0]); !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Message(err), c.want) {
			t.Errorf("%s: read %d bytes, %v", name, len(got), err)
		}
	}
}

func TestZip64AndLeadingBytesAreRead(t *testing.T) {
	data := makeZip(t, member{name: "x.xml", data: "<x/>", edit: func(h *zip.FileHeader) { h.Extra = []byte{1, 0, 0, 0} }})
	l := list(t, archive.Options{}, source("a.zip", append([]byte("<!-- a script before the archive -->"), data...)))
	expect(t, l, "document [files] a.zip") // begins as XML does: the bytes decide
	l = list(t, archive.Options{}, source("a.zip", append([]byte("#!/bin/sh\n"), data...)))
	expect(t, l, "document [a] a.zip!/x.xml")
	if got, err := read(t, &l.Entries[0]); err != nil || got != "<x/>" {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestLimits(t *testing.T) {
	bomb := strings.Repeat(" ", 1<<20)
	small := archive.Limits{Files: 2, Depth: 2, Ratio: 10, RatioFloorBytes: 1000}
	for name, c := range map[string]struct {
		members []member
		want    []string
	}{
		"files": {
			[]member{{name: "a.xml", data: "<a/>"}, {name: "b.xml", data: "<b/>"}, {name: "c.xml", data: "<c/>"}},
			[]string{"document [z] z.zip!/a.xml", "document [z] z.zip!/b.xml", "failed [z] z.zip!/c.xml: The archive holds more than 2 files"},
		},
		"depth": {
			[]member{{name: "1.zip", data: string(makeZip(t, member{name: "2.zip", data: string(makeZip(t, member{name: "x.xml"}))}))}},
			[]string{"failed [1] z.zip!/1.zip!/2.zip: Archives are nested more than 2 deep"},
		},
		"ratio": {
			[]member{{name: "bomb.xml", data: bomb}, {name: "x.xml", data: "<x/>"}},
			[]string{"failed [z] z.zip!/bomb.xml: This file would grow", "document [z] z.zip!/x.xml"},
		},
		"ratio of a nested archive counts from outside": {
			[]member{{name: "n.zip", data: string(makeZip(t, member{name: "bomb.xml", data: bomb}))}},
			[]string{"failed [n] z.zip!/n.zip!/bomb.xml: This file would grow"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			expect(t, list(t, archive.Options{Limits: small}, source("z.zip", makeZip(t, c.members...))), c.want...)
		})
	}
}

// TestOverlappingEntries lists an archive as in Fifield's "A better zip bomb":
// many records of the directory share one file's data.
func TestOverlappingEntries(t *testing.T) {
	one := makeZip(t, member{name: "x.xml", data: strings.Repeat("<x/>", 1<<12), edit: stored})
	directory := bytes.Index(one, []byte(directoryMark))
	end := bytes.Index(one, []byte("PK\x05\x06"))
	record, tail := one[directory:end], bytes.Clone(one[end:])
	data := bytes.Clone(one[:directory])
	const copies = 50
	for range copies {
		data = append(data, record...)
	}
	tail[8], tail[10] = copies, copies
	size := len(record) * copies
	tail[12], tail[13] = byte(size), byte(size>>8)
	l := list(t, archive.Options{}, source("z.zip", append(data, tail...)))
	var failed int
	for i := range l.Entries {
		if strings.Contains(l.Entries[i].Reason, "overlap") {
			failed++
		}
	}
	if len(l.Entries) != copies || failed == 0 || failed == copies {
		t.Errorf("%d of %d entries failed for their overlap", failed, len(l.Entries))
	}
}

// folder is a Scratch in a real folder.
type folder struct {
	path  string
	files int
	err   error
}

type folderFile struct{ *os.File }

func (f folderFile) Close() error { return errors.Join(f.File.Close(), os.Remove(f.Name())) }

func (d *folder) Create(context.Context) (archive.ScratchFile, error) {
	if d.err != nil {
		return nil, d.err
	}
	d.files++
	f, err := os.CreateTemp(d.path, "")
	return folderFile{f}, err
}

func TestLargeNestedArchivesUseTheScratch(t *testing.T) {
	noise := make([]byte, 5<<20)
	for i, x := 0, uint32(1); i < len(noise); i++ {
		x = x*1664525 + 1013904223
		noise[i] = byte(x >> 24)
	}
	inner := makeZip(t, member{name: "x.xml", data: "<x/>"}, member{name: "noise.bin", data: string(noise), edit: stored})
	outer := source("a.zip", makeZip(t, member{name: "big.zip", data: string(inner)}))

	room := &folder{path: t.TempDir()}
	l := list(t, archive.Options{Scratch: room}, outer)
	expect(t, l, "skipped [big] a.zip!/big.zip!/noise.bin", "document [big] a.zip!/big.zip!/x.xml")
	if got, err := read(t, &l.Entries[1]); err != nil || got != "<x/>" || room.files != 1 {
		t.Errorf("read %q, %v; %d scratch files", got, err, room.files)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(room.path); len(left) != 0 {
		t.Errorf("%d scratch files are left", len(left))
	}

	expect(t, list(t, archive.Options{}, outer), "failed [a] a.zip!/big.zip: This nested archive is too large")

	full := &folder{err: fault.New(fault.NoSpace, "The disk is full.")}
	if _, err := archive.List(t.Context(), []archive.Source{outer}, archive.Options{Scratch: full}); !fault.Is(err, fault.NoSpace) {
		t.Errorf("a full disk gives %v", err)
	}
}

func TestSniffing(t *testing.T) {
	utf16 := func(s string, low int) []byte {
		b := make([]byte, 2*len(s))
		for i := range len(s) {
			b[2*i+low] = s[i]
		}
		return b
	}
	for text, want := range map[string]archive.State{
		"<?xml version='1.0'?><a/>":                          archive.Document,
		"\n <root>x</root>":                                  archive.Document,
		"<svg/>":                                             archive.Document,
		"<!DOCTYPE rss SYSTEM 'x'><rss/>":                    archive.Document,
		"<!-- c --><a/>":                                     archive.Document,
		"<Ä>x</Ä>":                                           archive.Document,
		string(utf16("<a>x</a>", 0)):                         archive.Document,
		string(utf16("<a>x</a>", 1)):                         archive.Document,
		"\xff\xfe" + string(utf16("<a/>", 0)):                archive.Document,
		"\xfe\xff" + string(utf16("<a/>", 1)):                archive.Document,
		"<html xmlns='http://www.w3.org/1999/xhtml'></html>": archive.Document,
		"<!DOCTYPE html><html></html>":                       archive.Skipped,
		"<HTML><body></HTML>":                                archive.Skipped,
		"<?php echo 1 ?>":                                    archive.Skipped,
		"<3 you":                                             archive.Skipped,
		"plain text":                                         archive.Skipped,
		"":                                                   archive.Skipped,
	} {
		l := list(t, archive.Options{}, source("file.dat", []byte(text)))
		if l.Entries[0].State != want {
			t.Errorf("%q is listed as %v", text, l.Entries[0].State)
		}
	}
}

func TestListStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	data := makeZip(t, member{name: "x.xml", data: "<x/>"})
	if _, err := archive.List(ctx, []archive.Source{source("a.zip", data)}, archive.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled List gives %v", err)
	}
}

func FuzzList(f *testing.F) {
	inner := makeZip(f, member{name: "y.xml", data: "<y/>"})
	f.Add(makeZip(f, member{name: "../x.xml", data: "<x/>"}, member{name: "b.zip", data: string(inner)}, member{name: "t.txt", data: "text"}))
	f.Add(makeZip(f, member{name: "b.zip", data: string(inner), edit: stored}))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := list(t, archive.Options{Limits: archive.Limits{RatioFloorBytes: 1 << 20}}, source("f.zip", data))
		seen := map[string]bool{}
		for i := range l.Entries {
			e := &l.Entries[i]
			checkEntry(t, e)
			if seen[e.Path()] {
				t.Errorf("path %q twice", e.Path())
			}
			seen[e.Path()] = true
		}
	})
}

// checkEntry asserts what holds for every entry of every archive.
func checkEntry(t *testing.T, e *archive.Entry) {
	t.Helper()
	if (e.State == archive.Document) != (e.Reason == "") {
		t.Errorf("state %v with reason %q", e.State, e.Reason)
	}
	for _, part := range strings.Split(e.Path(), "/") {
		if part == "" || part == ".." || strings.ContainsAny(part, "/\x00\n") {
			t.Errorf("path %q has the part %q", e.Path(), part)
		}
	}
	if e.State != archive.Document {
		return
	}
	got, err := read(t, e)
	if int64(len(got)) > e.Size() {
		t.Errorf("%d bytes came out of %d announced", len(got), e.Size())
	}
	if err != nil && !fault.Is(err, fault.Invalid) {
		t.Errorf("error without a sentence: %v", err)
	}
}
