package archive

import "io"

func zipLZMA(io.Reader, int64, uint16) (io.ReadCloser, error) {
	return nil, elsewhere("a ZIP that is packed by LZMA")
}
