package xlsx

import (
	"archive/zip"
	"context"
	"io"
	"sync"

	"github.com/klauspost/compress/flate"
	"github.com/xuri/excelize/v2"
)

// writeTo lets the library pack the workbook, but straight into w and with our
// sheets. It would otherwise pack into memory; its own buffer stays empty.
func (b *book) writeTo(ctx context.Context, w io.Writer) error {
	b.file.SetZipWriter(func(io.Writer) excelize.ZipWriter {
		zw := zip.NewWriter(w)
		zw.RegisterCompressor(zip.Deflate, newDeflater)
		return packer{zw, ctx, b.parts}
	})
	return b.file.Write(io.Discard)
}

// packer packs a workbook's files, putting sheets in the place of the library's.
type packer struct {
	*zip.Writer
	ctx   context.Context
	parts map[string]part
}

// Create begins a file; a sheet is complete with that.
func (p packer) Create(path string) (io.Writer, error) {
	w, err := p.Writer.Create(path)
	sheet, ok := p.parts[path]
	if err != nil || !ok {
		return w, err
	}
	return io.Discard, sheet.writeTo(p.ctx, w)
}

// deflaters are reused: one takes more memory than most workbooks.
var deflaters sync.Pool

type deflater struct{ *flate.Writer }

func newDeflater(w io.Writer) (io.WriteCloser, error) {
	if f, ok := deflaters.Get().(*flate.Writer); ok {
		f.Reset(w)
		return deflater{f}, nil
	}
	f, err := flate.NewWriter(w, flate.DefaultCompression)
	return deflater{f}, err
}

// Close ends the file and gives the writer back. It is called once.
func (d deflater) Close() error {
	err := d.Writer.Close()
	deflaters.Put(d.Writer)
	return err
}
