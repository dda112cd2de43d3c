//go:build !js

package archive_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"strings"
	"testing"

	"ret/shared/archive"
)

// Archives made by other programs: 7-Zip, xz, zstd and bzip2.
//
//go:embed testdata
var testdata embed.FS

func fixture(t testing.TB, name string) archive.Source {
	t.Helper()
	data, err := testdata.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return source(name, data)
}

// rows is the document in testdata's archives.
func rows() string {
	var b strings.Builder
	b.WriteString("<r>")
	for i := range 2000 {
		fmt.Fprintf(&b, "<row><id>%d</id><v>value %d of %d</v></row>", i, i*7919%1000, i)
	}
	return b.String() + strings.Repeat("x", 100_000) + "</r>"
}

// TestEveryFormat opens what other programs have packed.
func TestEveryFormat(t *testing.T) {
	whole := []string{
		"document [%s] %s!/a/rows.xml",
		"skipped [%s] %s!/empty.txt: not XML",
		"document [%s] %s!/small.xml",
		"skipped [%s] %s!/ünï/read me.txt: not XML",
	}
	pair := []string{"document [%s] %s!/a/rows.xml", "document [%s] %s!/small.xml"}
	for name, want := range map[string][]string{
		"LZMA2.7z": whole, "LZMA.7z": whole, "BZip2.7z": whole, "Deflate.7z": whole, "Deflate64.7z": whole, "not-solid.7z": whole,
		"Copy.7z":       {"skipped [%s] %s!/empty.txt: not XML", "document [%s] %s!/small.xml"},
		"Deflate64.zip": pair, "BZip2.zip": pair, "LZMA.zip": pair, "xz.zip": pair, "zstd.zip": pair[:1],
		"two.tar.xz":  pair,
		"rows.xml.xz": {"document [files] rows.xml.xz"}, "rows.xml.zst": {"document [files] rows.xml.zst"}, "rows.xml.bz2": {"document [files] rows.xml.bz2"},
		"PPMd.7z": {
			"failed [%s] %s!/a/rows.xml: This file is compressed in a way that RET cannot read", "skipped [%s] %s!/empty.txt",
			"failed [%s] %s!/small.xml: This file is compressed", "failed [%s] %s!/ünï/read me.txt: This file is compressed",
		},
		"encrypted.7z":       {"failed [%s] %s!/a/rows.xml: This file is encrypted", "skipped [%s] %s!/empty.txt", "failed [%s] %s!/small.xml: This file is encrypted", "failed"},
		"encrypted-names.7z": {"failed [files] encrypted-names.7z: The archive is encrypted, even its table of contents"},
		"encrypted.zip":      {"failed [%s] %s!/small.xml: This file is encrypted"},
	} {
		t.Run(name, func(t *testing.T) {
			l := list(t, archive.Options{Scratch: &folder{path: t.TempDir()}}, fixture(t, name))
			lines := make([]string, len(want))
			for i, line := range want {
				lines[i] = strings.Replace(strings.Replace(line, "%s", archive.Stem(name), 1), "%s", name, 1)
			}
			expect(t, l, lines...)
			for i := range l.Entries {
				e := &l.Entries[i]
				if e.State != archive.Document {
					continue
				}
				content := "<s><v>1</v></s>"
				if strings.Contains(e.Path(), "rows") {
					content = rows()
				}
				for range 2 {
					if got, err := read(t, e); err != nil || got != content || e.Size() != int64(len(content)) {
						t.Errorf("%s: read %d bytes of %d, %v", e.Path(), len(got), len(content), err)
					}
				}
			}
		})
	}
}

// TestFirstBytesTell goes by them whatever the names say.
func TestFirstBytesTell(t *testing.T) {
	inner := makeZip(t, member{name: "y.xml", data: "<y/>"})
	outer := makeZip(
		t, member{name: "data.bin", data: string(inner)}, member{name: "zip.xml", data: string(inner)},
		member{name: "feed", data: string(gzipped(t, "<f/>"))}, member{name: "notes.xml.gz", data: "no gzip"},
		member{name: "plain.xml.gz", data: "<p/>"}, member{name: "twice.gz", data: string(gzipped(t, string(gzipped(t, "<t/>"))))},
	)
	expect(
		t, list(t, archive.Options{}, source("x.dat", outer), source("empty.xml.gz", gzipped(t, "")), source("t.dat", gzipped(t, "text"))),
		"document [files] empty.xml.gz",
		"skipped [files] t.dat: not XML",
		"document [data] x.dat!/data.bin!/y.xml",
		"document [x] x.dat!/feed",
		"failed [x] x.dat!/notes.xml.gz: This is not a gzip file, though its name says so.",
		"document [x] x.dat!/plain.xml.gz",
		"document [x] x.dat!/twice.gz",
		"document [zip] x.dat!/zip.xml!/y.xml",
	)
}

func gzipped(t testing.TB, data string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarred(t testing.TB, headers ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		data := h.Linkname
		if h.Typeflag == 0 || h.Typeflag == tar.TypeReg {
			h.Size, h.Linkname = int64(len(data)), ""
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			if _, err := io.WriteString(w, data); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// file is a tar's file; its data waits in a field that files do not use.
func file(name, data string) tar.Header { return tar.Header{Name: name, Linkname: data, Mode: 0o600} }

// TestTars lists what lies in them, and what can be had of one that is cut off.
func TestTars(t *testing.T) {
	data := tarred(
		t, tar.Header{Name: "d/", Typeflag: tar.TypeDir}, file("d/x.xml", "<x/>"), file("d/._x.xml", "junk"), file("Thumbs.db", "junk"),
		tar.Header{Name: "link.xml", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}, file("b.zip", string(makeZip(t, member{name: "y.xml", data: "<y/>"}))),
		file("d/x.xml", "<again/>"), file(strings.Repeat("long/", 60)+"z.xml", "<z/>"),
	)
	whole := []string{
		"document [b] t!/b.zip!/y.xml", "document [t] t!/d/x.xml", "document [t] t!/d/x~2.xml", "skipped [t] t!/link.xml: not a file",
		"document [t] t!/" + strings.Repeat("long/", 60) + "z.xml",
	}
	expect(t, list(t, archive.Options{}, source("t", data)), whole...)
	for i, line := range whole {
		whole[i] = strings.Replace(line, " t!", " t.tar.gz!", 1)
	}
	expect(t, list(t, archive.Options{}, source("t.tar.gz", gzipped(t, string(data)))), whole...)

	cut := gzipped(t, string(tarred(t, file("1.xml", "<a/>"), file("2.xml", "<a>"+noise(50_000)+"</a>"))))
	expect(
		t, list(t, archive.Options{}, source("c.tgz", cut[:len(cut)/2])),
		"failed [files] c.tgz: The gzip file is damaged: it is cut off",
		"document [c] c.tgz!/1.xml", "failed [c] c.tgz!/2.xml: The archive is damaged: this file is cut off",
	)
}

// noise is text that does not pack well.
func noise(n int) string {
	b := make([]byte, n)
	for i, x := 0, uint32(1); i < n; i++ {
		x = x*1664525 + 1013904223
		b[i] = 'a' + byte(x>>24)%26
	}
	return string(b)
}

// TestNamesByTheirEncoding reads names that no flag tells about, all of an archive
// together.
func TestNamesByTheirEncoding(t *testing.T) {
	raw := func(h *zipHeader) { h.NonUTF8 = true }
	for _, c := range []struct{ written, want []string }{
		{[]string{"\x93\xfa\x96{/\x95\\.xml"}, []string{"日本/表.xml"}},                              // Shift-JIS, with a \ in a character
		{[]string{"\x95\\.xml", "\x83J\x83i.xml"}, []string{"カナ.xml", "表.xml"}},                   // one of them alone would not tell
		{[]string{"\xb1\xb1\xbe\xa9.xml"}, []string{"北京.xml"}},                                    // GBK
		{[]string{"M\xfcller.xml", "\xc5ngstr\xf6m.xml"}, []string{"Müller.xml", "Ångström.xml"}}, // windows-1252
		{[]string{"caf\x82.xml", "M\x81ller.xml"}, []string{"Müller.xml", "café.xml"}},            // code page 437
		{[]string{"ä.xml", "M\xfcller.xml"}, []string{"Müller.xml", "ä.xml"}},                     // UTF-8 beside windows-1252
		{[]string{`a\b.xml`, `c\d\e.xml`}, []string{"a/b.xml", "c/d/e.xml"}},
		{[]string{`a\b.xml`, `c/d.xml`}, []string{`a\b.xml`, "c/d.xml"}},
	} {
		var members []member
		for _, name := range c.written {
			members = append(members, member{name: name, data: "<x/>", edit: raw})
		}
		var want []string
		for _, name := range c.want {
			want = append(want, "document [a] a.zip!/"+name)
		}
		expect(t, list(t, archive.Options{}, source("a.zip", makeZip(t, members...))), want...)
	}
}

// TestUnicodePath prefers the field that holds the name in UTF-8, if it belongs to
// the name beside it.
func TestUnicodePath(t *testing.T) {
	field := func(of string) func(*zipHeader) {
		return func(h *zipHeader) {
			h.NonUTF8 = true
			h.Extra = unicodePathField(of, "日本.xml")
		}
	}
	expect(t, list(t, archive.Options{}, source("a.zip", makeZip(t, member{name: "x.xml", data: "<x/>", edit: field("x.xml")}))), "document [a] a.zip!/日本.xml")
	expect(t, list(t, archive.Options{}, source("a.zip", makeZip(t, member{name: "x.xml", data: "<x/>", edit: field("y.xml")}))), "document [a] a.zip!/x.xml")
}

// TestFilter leaves files out as if they were not there.
func TestFilter(t *testing.T) {
	inner := makeZip(t, member{name: "y.xml", data: "<y/>"}, member{name: "z.txt", data: "text"})
	data := makeZip(t, member{name: "sub/x.xml", data: "<x/>"}, member{name: "sub/deep/x.rss", data: "<rss/>"}, member{name: "b.zip", data: string(inner)}, member{name: "bad.zip", data: "no"})
	all := []string{"document [b] a.zip!/b.zip!/y.xml", "skipped [b] a.zip!/b.zip!/z.txt", "failed [a] a.zip!/bad.zip", "document [a] a.zip!/sub/deep/x.rss", "document [a] a.zip!/sub/x.xml"}
	for _, c := range []struct {
		include, exclude []string
		want             []int
	}{
		{nil, nil, []int{0, 1, 2, 3, 4}},
		{[]string{"*.xml"}, nil, []int{0, 2, 4}},
		{[]string{"?.xml", "*.rss"}, []string{"a.zip/b.zip/**"}, []int{2, 3, 4}},
		{[]string{"a.zip/sub/*"}, nil, []int{2, 4}},
		{[]string{"a.zip!/sub/**"}, nil, []int{2, 3, 4}},
		{nil, []string{"bad.zip", "**.txt"}, []int{0, 3, 4}},
		{[]string{"a.zip/*"}, nil, []int{2}},
	} {
		f, err := archive.NewFilter(c.include, c.exclude)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, i := range c.want {
			want = append(want, all[i])
		}
		expect(t, list(t, archive.Options{Filter: f}, source("a.zip", data)), want...)
	}
}

// FuzzFormats opens whatever claims to be some archive.
func FuzzFormats(f *testing.F) {
	files, err := testdata.ReadDir("testdata")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		if file.IsDir() {
			continue
		}
		data, err := testdata.ReadFile("testdata/" + file.Name())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add(gzipped(f, "<x/>"))
	f.Add(tarred(f, file("x.xml", "<x/>")))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := list(t, archive.Options{Limits: archive.Limits{RatioFloorBytes: 1 << 20}}, source("f", data))
		for i := range l.Entries {
			checkEntry(t, &l.Entries[i])
		}
	})
}
