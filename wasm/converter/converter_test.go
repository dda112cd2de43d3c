package converter_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ret/shared/archive"
	"ret/shared/convert"
	"ret/shared/fault"
	"ret/shared/replica"
	"ret/shared/tablefile"
	"ret/shared/xmltable"
	"ret/wasm/converter"
)

// memory is a Host that keeps everything.
type memory struct {
	tables   map[int32][]byte
	finished []converter.Finished
	room     int // bytes; 0 is no bound
	reports  int
}

func (m *memory) Write(table int32, p []byte) error {
	if m.room > 0 && len(p) > m.room {
		return fault.New(fault.NoSpace, "There is no room.")
	}
	m.tables[table] = append(m.tables[table], p...)
	return nil
}

func (m *memory) Drop(table int32) { delete(m.tables, table) }

func (m *memory) Place(int32) []replica.Extent { return nil }

func (m *memory) Finish(lines []byte) error {
	for line := range bytes.Lines(lines) {
		var f converter.Finished
		if err := json.Unmarshal(line, &f); err != nil {
			return err
		}
		m.finished = append(m.finished, f)
	}
	return nil
}

func (m *memory) Progress(convert.Progress) { m.reports++ }

// reference stores tables as the server's jobs do.
type reference struct {
	tables map[string]string // by source and name
}

type referenceTables struct {
	specs []xmltable.Table
	bufs  []*bytes.Buffer
	rows  []*tablefile.Writer
	index []tablefile.Index
}

func (r *reference) Begin(_ context.Context, tables []xmltable.Table) (convert.Tables, error) {
	t := &referenceTables{specs: tables, index: make([]tablefile.Index, len(tables))}
	for _, spec := range tables {
		buf := &bytes.Buffer{}
		t.bufs, t.rows = append(t.bufs, buf), append(t.rows, tablefile.NewWriter(buf, spec.Columns))
	}
	return t, nil
}

func (r *reference) Finish(_ context.Context, result convert.Result) error {
	if result.Tables == nil {
		return nil
	}
	t := result.Tables.(*referenceTables)
	source := result.Files[0].Path
	if result.Merged != nil {
		source = result.Merged.Group
	}
	for i, buf := range t.bufs {
		r.tables[source+" "+t.specs[i].Name] = buf.String()
	}
	return nil
}

func (t *referenceTables) Row(table int, cells [][]byte) error { return t.rows[table].Row(cells) }

func (t *referenceTables) Close() (err error) {
	for i, w := range t.rows {
		if t.index[i], err = w.Close(); err != nil {
			return err
		}
	}
	return nil
}

func (t *referenceTables) Abort() {}

func makeZip(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for name, text := range files {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// inputs are documents of all sorts: nested, with one column, malformed, in an
// archive and in one within it.
func inputs(t *testing.T) map[string][]byte {
	t.Helper()
	var many strings.Builder
	many.WriteString("<library>")
	for i := range 3000 {
		fmt.Fprintf(&many, `<book id="%d"><title>A, "%d"</title><author>x</author><author>y</author></book>`, i, i)
	}
	many.WriteString("</library>")
	documents := map[string]string{
		"many.xml": many.String(), "one.xml": "<r><i/><i>1</i><i></i><i>2</i></r>",
		"bad.xml": "<r><i>1</i><i>", "note.txt": "no XML",
		"deep.xml": "<r><o><l><a>1</a></l><l><a>2</a></l></o><o><l><a>3</a></l></o></r>",
	}
	return map[string][]byte{
		"plain.xml": []byte(documents["many.xml"]),
		"outer.zip": makeZip(t, map[string]string{
			"x/many.xml": documents["many.xml"], "x/one.xml": documents["one.xml"], "bad.xml": documents["bad.xml"],
			"note.txt": documents["note.txt"], "in.zip": string(makeZip(t, documents)),
		}),
	}
}

func job(host converter.Host, options string, contents map[string][]byte) converter.Job {
	j := converter.Job{ID: "job", Options: json.RawMessage(options), Host: host}
	for name, content := range contents {
		j.Files = append(j.Files, converter.File{ID: "id of " + name, Name: name, Size: int64(len(content)), Content: bytes.NewReader(content)})
	}
	slices.SortFunc(j.Files, func(a, b converter.File) int { return strings.Compare(a.Name, b.Name) })
	return j
}

// What the browser makes of an upload is, byte for byte, what the server stores
// and gives out.
func TestTablesAreTheServers(t *testing.T) {
	contents := inputs(t)
	for _, options := range []string{`{}`, `{"merge":true}`, `{"max_repeat":1,"keep_partial":true}`} {
		t.Run(options, func(t *testing.T) {
			parsed, err := convert.ParseOptions([]byte(options))
			if err != nil {
				t.Fatal(err)
			}
			want := &reference{tables: map[string]string{}}
			var sources []archive.Source
			for _, f := range job(nil, options, contents).Files {
				content := contents[f.Name]
				sources = append(sources, archive.Source{Path: f.Name, Size: f.Size, Open: func(context.Context) (archive.Content, error) {
					return closer{bytes.NewReader(content)}, nil
				}})
			}
			wantTotals, err := convert.Run(t.Context(), convert.Job{Sources: sources, Options: parsed, Store: want, Workers: 2})
			if err != nil {
				t.Fatal(err)
			}
			host := &memory{tables: map[int32][]byte{}}
			totals, err := converter.Run(t.Context(), job(host, options, contents))
			if err != nil || totals != wantTotals {
				t.Fatalf("%+v, %v, want %+v", totals, err, wantTotals)
			}
			checkTables(t, host, want)
			if host.reports == 0 {
				t.Error("no progress was shown")
			}
		})
	}
}

type closer struct{ *bytes.Reader }

func (closer) Close() error { return nil }

func checkTables(t *testing.T, host *memory, want *reference) {
	t.Helper()
	known := 0
	for _, f := range host.finished {
		for _, table := range f.Tables {
			key := table.Source + " " + table.Name
			if got := host.tables[table.Number]; string(got) != want.tables[key] {
				t.Errorf("%s differs: %.200q, want %.200q", key, got, want.tables[key])
			}
			var index tablefile.Index
			if err := index.UnmarshalBinary(table.Index); err != nil || index.Rows != table.Rows || index.Bytes != table.Bytes {
				t.Errorf("%s: index %+v, %v", key, index, err)
			}
			if table.JobID != "job" || table.FileID != nil && !strings.HasPrefix(*table.FileID, "id of ") || table.File == "" {
				t.Errorf("%s: %+v", key, table)
			}
			known++
			delete(want.tables, key)
		}
	}
	if len(want.tables) > 0 {
		t.Errorf("%d tables were not made", len(want.tables))
	}
	if known != len(host.tables) {
		t.Errorf("%d tables were handed over, %d are finished", len(host.tables), known)
	}
}

func TestNoRoomEndsTheRun(t *testing.T) {
	host := &memory{tables: map[int32][]byte{}, room: 10}
	if _, err := converter.Run(t.Context(), job(host, "{}", inputs(t))); !fault.Is(err, fault.NoSpace) {
		t.Fatalf("without room: %v", err)
	}
	if _, err := converter.Run(t.Context(), job(host, `{"record":"a//b"}`, nil)); !fault.Is(err, fault.Invalid) {
		t.Fatalf("options that make no sense: %v", err)
	}
}

func TestDigest(t *testing.T) {
	f := converter.File{Size: 3, Content: strings.NewReader("abc")}
	if got, err := f.Digest(); err != nil || got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("%s, %v", got, err)
	}
}
