package converter

import (
	"context"
	"errors"

	"ret/shared/convert"
	"ret/shared/tablefile"
	"ret/shared/tablefile/xlsx"
	"ret/shared/xmltable"
)

// fileStore keeps tables as files of an output folder, lists them in the manifest
// and reports what failed. It implements convert.Store.
type fileStore struct {
	out      *output
	options  convert.Options
	manifest *manifest
	report   *report
}

func newFileStore(out *output, options convert.Options, m *manifest, r *report) *fileStore {
	return &fileStore{out: out, options: options, manifest: m, report: r}
}

// fileTables are convert.Tables that end in files, one for each name they get.
type fileTables interface {
	convert.Tables
	publish(tables []convert.Table) error
}

// Begin implements convert.Store.
func (s *fileStore) Begin(ctx context.Context, tables []xmltable.Table) (convert.Tables, error) {
	if s.options.Format == convert.XLSX {
		return beginWorkbook(ctx, s.out, tables)
	}
	return beginCSV(s.out, tables, s.options.CSV())
}

// Finish implements convert.Store.
func (s *fileStore) Finish(_ context.Context, r convert.Result) error {
	if r.Tables != nil {
		tables := r.Files[0].Tables
		if r.Merged != nil {
			tables = r.Merged.Tables
		}
		if err := r.Tables.(fileTables).publish(tables); err != nil {
			r.Tables.Abort()
			return err
		}
	}
	s.report.files(r.Files)
	return s.manifest.add(r)
}

// csvTables writes each table straight as it is to be.
type csvTables struct {
	xmltable.Writers[*xmltable.CSV]
	files []*tableFile
}

func beginCSV(out *output, tables []xmltable.Table, options xmltable.CSVOptions) (fileTables, error) {
	t := &csvTables{}
	few := &fewOpen{}
	for _, table := range tables {
		f, err := few.create(out)
		if err != nil {
			t.Abort()
			return nil, err
		}
		t.files = append(t.files, f)
		t.Writers = append(t.Writers, xmltable.NewCSV(f, table.Columns, options))
	}
	return t, nil
}

func (t *csvTables) Close() error {
	for i, csv := range t.Writers {
		if err := errors.Join(csv.Flush(), t.files[i].finish()); err != nil {
			return err
		}
	}
	t.Writers = nil // results wait for their turn; their buffers need not
	return nil
}

func (t *csvTables) Abort() {
	for _, f := range t.files {
		f.discard()
	}
}

func (t *csvTables) publish(tables []convert.Table) error {
	for i, f := range t.files {
		if err := f.publish(tables[i].File); err != nil {
			return err
		}
	}
	return nil
}

// workbook stores the tables first, because Excel's columns are numeric or not as
// a whole, and makes one workbook of them when every row has come.
type workbook struct {
	xmltable.Writers[*tablefile.Writer]
	ctx    context.Context
	out    *output
	names  []string
	stored []*tableFile
	book   *tempFile
}

func beginWorkbook(ctx context.Context, out *output, tables []xmltable.Table) (fileTables, error) {
	b := &workbook{ctx: ctx, out: out}
	few := &fewOpen{}
	for _, table := range tables {
		f, err := few.create(out)
		if err != nil {
			b.Abort()
			return nil, err
		}
		b.names = append(b.names, table.Name)
		b.stored = append(b.stored, f)
		b.Writers = append(b.Writers, tablefile.NewWriter(f, table.Columns))
	}
	return b, nil
}

func (b *workbook) Close() error {
	sheets := make([]xlsx.Sheet, len(b.Writers))
	for i, rows := range b.Writers {
		index, err := rows.Close()
		if err != nil {
			return err
		}
		table, err := tablefile.Open(b.stored[i], index)
		if err != nil {
			return err
		}
		sheets[i] = xlsx.Sheet{Name: b.names[i], Table: table}
	}
	var err error
	if b.book, err = b.out.create(); err != nil {
		return err
	}
	if err := xlsx.Write(b.ctx, b.book, sheets); err != nil {
		return err
	}
	b.discardStored()
	b.Writers = nil
	return b.book.finish()
}

func (b *workbook) Abort() {
	b.discardStored()
	if b.book != nil {
		b.book.discard()
	}
}

func (b *workbook) discardStored() {
	for _, f := range b.stored {
		f.discard()
	}
	b.stored = nil
}

func (b *workbook) publish(tables []convert.Table) error { return b.book.publish(tables[0].File) }
