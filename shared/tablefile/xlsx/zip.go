package xlsx

import (
	"archive/zip"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/xuri/excelize/v2"
)

// writeTo packs the workbook straight into w. The library would pack it into
// memory first, so it is given our zip writer and its own buffer stays empty.
func (b *book) writeTo(w io.Writer) error {
	b.file.SetZipWriter(func(io.Writer) excelize.ZipWriter {
		zw := zip.NewWriter(w)
		zw.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
			return flate.NewWriter(w, flate.DefaultCompression)
		})
		return zw
	})
	return b.file.Write(io.Discard)
}
