//go:build !js

package archive

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// flagLZMAEnd says that the data has a mark of its end.
const flagLZMAEnd = 2

// zipLZMA reads the header that a ZIP puts before LZMA: a version, and how long
// the properties are (APPNOTE.TXT, section 5.8.8).
func zipLZMA(raw io.Reader, size int64, flags uint16) (io.ReadCloser, error) {
	header := make([]byte, 4+lzmaHeaderBytes)
	if _, err := io.ReadFull(raw, header); err != nil {
		return nil, err
	}
	if n := binary.LittleEndian.Uint16(header[2:]); n != lzmaHeaderBytes {
		return nil, fmt.Errorf("lzma: %d bytes of properties", n)
	}
	if flags&flagLZMAEnd != 0 {
		size = -1
	}
	r, err := newLZMA(header[4:], size, raw)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(r), nil
}

func newBytes(b []byte) io.Reader { return bytes.NewReader(b) }
