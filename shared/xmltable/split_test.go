package xmltable

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// placed is text that can be read at any place.
func placed(path, document string) Input {
	in := text(path, document)
	in.At = func(context.Context) (Content, error) {
		return struct {
			*bytes.Reader
			nothingToClose
		}{bytes.NewReader([]byte(document)), nothingToClose{}}, nil
	}
	return in
}

type nothingToClose struct{}

func (nothingToClose) Close() error { return nil }

func helped(opt Options, piece int) Options {
	opt.Helper = func() (func(), bool) { return func() {}, true }
	opt.pieceBytes, opt.joined = piece, &joins{}
	return opt
}

// outcome is all that a conversion says.
type outcome struct {
	Err      string
	Account  Account
	Layout   int64
	Warnings []string
	Plan     string
	Rows     []int64
	Written  Account
	CSV      map[string]string
}

func convertAll(t *testing.T, in Input, opt Options) (o outcome) {
	t.Helper()
	sh, err := Scan(t.Context(), in, opt)
	if err != nil {
		o.Err = err.Error()
		return o
	}
	o.Account, o.Layout, o.Warnings = sh.Account(), sh.LayoutBytes(), sh.Warnings()
	plan, err := Choose(t.Context(), sh, opt)
	if err != nil {
		o.Err = err.Error()
		return o
	}
	o.Plan = fmt.Sprint(plan.Root, plan.Record, plan.Candidates, plan.Tables, plan.Warnings)
	sink := newTables(plan, CSVOptions{KeepAbsent: true})
	written, err := plan.Write(t.Context(), in, sink)
	if err != nil {
		o.Err = err.Error()
		return o
	}
	o.Rows, o.Written, o.CSV = written.Rows, written.Account, sink.csvOf(t)
	return o
}

var splitOptions = map[string]Options{
	"plain": {}, "by name": {Record: "//row"}, "by path": {Record: "g/row"}, "document": {Record: "(document)"}, "few repeats": {MaxRepeat: 1},
	"flat": {Flat: true, Record: "//row"}, "xml": {RecordXML: true}, "trim": {Trim: true}, "local": {ByLocalName: true},
	"pivot": {Pivots: []string{"v@k=#text"}}, "partial": {KeepPartial: true}, "repair": {Repair: true}, "class": {Merged: true},
}

// A document that is worked on in pieces gives what it gives in one, wherever the
// pieces begin.
func TestPiecesGiveWhatTheWholeDoes(t *testing.T) {
	t.Parallel()
	joined := map[string]*joins{}
	seeds := uint64(60)
	if os.Getenv("RET_SOAK") != "" {
		seeds = 5000
	}
	for seed := range seeds {
		document := wideDocument(seed)
		for name, opt := range splitOptions {
			opt.windowBytes = 64 << (seed % 4)
			want := convertAll(t, text("x.xml", document), opt)
			for _, piece := range []int{len(document) / 9, 90, 300} {
				opt := helped(opt, max(64, piece))
				if got := convertAll(t, placed("x.xml", document), opt); !reflect.DeepEqual(got, want) {
					t.Fatalf("seed %d, %s, pieces of %d bytes: %s\ngot  %+v\nwant %+v", seed, name, piece, document, got, want)
				}
				if joined[name] == nil {
					joined[name] = &joins{}
				}
				joined[name][0] += opt.joined[0]
				joined[name][1] += opt.joined[1]
			}
		}
	}
	if runtime.GOMAXPROCS(0) == 1 || runtime.GOARCH == "wasm" {
		return // nobody helps
	}
	for name, j := range joined {
		t.Logf("%s: joined %v", name, *j)
		alone := strings.Contains("pivot repair", name)
		inOnePass := strings.Contains("flat document class", name)
		if !alone && (j[0] < 200 || !inOnePass && j[1] < 50) {
			t.Errorf("%s: hardly any piece was joined: %v", name, *j)
		}
	}
}

// wideDocument has many elements of few names in a few parents, and much that looks
// like their tags.
func wideDocument(seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 9))
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	var b strings.Builder
	b.WriteString(pick("", "", "\xEF\xBB\xBF") + pick("", `<?xml version="1.0"?>`) + pick("", "", "", "<!DOCTYPE r SYSTEM 'x'>", "<!DOCTYPE r [<!ENTITY e 'x'>]>"))
	space := pick("", "\n", "\r\n  ", " ")
	b.WriteString(`<r xmlns:p="u:1"` + pick("", ` xmlns="u:2"`, ` id="1"`, ` xml:space="preserve"`) + ">" + space + pick("", "<head>h</head>", "text"))
	value := func() string {
		return pick("1", "22", " x ", "a,b", `"q"`, "\n y \n", "ü€", "&amp;", "<![CDATA[<row>]]>", "<!-- <row> -->", "<?p <row>?>", "")
	}
	row := func() {
		switch r.IntN(12) {
		case 0:
			b.WriteString("<row/>")
		case 1:
			b.WriteString(`<row k="` + pick("1", "&lt;row>", "") + `">` + value() + "</row>")
		case 2:
			b.WriteString("<row><v k='a'>" + value() + "</v><v k='b'>" + value() + "</v><w><v>" + value() + "</v></w></row>")
		case 3:
			b.WriteString("<row>" + value() + "<i>" + value() + "</i> words</row>")
		case 4:
			b.WriteString("<p:row>" + value() + "</p:row>")
		case 5:
			b.WriteString("<row xmlns='u:3'><v>" + value() + "</v></row>")
		case 6:
			b.WriteString("<row><v>" + value() + "</v><row><v>" + value() + "</v></row></row>")
		case 7:
			b.WriteString("<other>" + value() + "</other>")
		default:
			b.WriteString("<row><v>" + value() + "</v><w>" + value() + "</w></row>")
		}
	}
	for range 1 + r.IntN(4) {
		grouped := r.IntN(3) == 0
		if grouped {
			b.WriteString("<g" + pick("", ` n="1"`, ` xmlns:q="u:4"`, ` xml:space="preserve"`) + ">" + pick("", "<name>n</name>"))
		}
		for range r.IntN(60) {
			row()
			b.WriteString(space)
			if r.IntN(80) == 0 {
				b.WriteString(value())
			}
		}
		if grouped {
			b.WriteString(pick("", "<late>l</late>") + "</g>" + space)
		}
	}
	b.WriteString(pick("", "<tail>t</tail>", "", "</oops>") + "</r>" + pick("", "\n"))
	return b.String()
}
