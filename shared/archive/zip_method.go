package archive

import (
	"archive/zip"
	"compress/bzip2"
	"io"
)

// The methods of compression in a ZIP beyond those that archive/zip knows
// (APPNOTE.TXT, section 4.4.5).
const (
	methodDeflate64 = 9
	methodBzip2     = 12
	methodLZMA      = 14
	methodOldZstd   = 20
	methodZstd      = 93
	methodXZ        = 95
)

// zipMethod unpacks what a ZIP holds in another way than stored or deflated.
func zipMethod(method uint16, raw io.Reader, size int64, flags uint16) (io.ReadCloser, error) {
	switch method {
	case methodDeflate64:
		return io.NopCloser(newInflater64(raw)), nil
	case methodBzip2:
		return io.NopCloser(bzip2.NewReader(raw)), nil
	case methodOldZstd, methodZstd:
		return unpackerElsewhere(zstdFormat, raw)
	case methodXZ:
		return unpackerElsewhere(xzFormat, raw)
	case methodLZMA:
		return zipLZMA(raw, size, flags)
	}
	return nil, zip.ErrAlgorithm
}
