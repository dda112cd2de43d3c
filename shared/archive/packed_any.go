//go:build !js

package archive

import (
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/therootcompany/xz"
	"github.com/ulikunitz/xz/lzma"
)

// unpackerElsewhere unpacks what a browser does not.
func unpackerElsewhere(kind format, r io.Reader) (io.ReadCloser, error) {
	if kind == xzFormat {
		return newXZ(r)
	}
	return newZstd(r)
}

func newXZ(r io.Reader) (io.ReadCloser, error) {
	x, err := xz.NewReader(r, maxDictionaryBytes)
	if err != nil {
		return nil, xzError(err)
	}
	return io.NopCloser(xzReader{x}), nil
}

type xzReader struct{ r *xz.Reader }

func (x xzReader) Read(p []byte) (int, error) {
	n, err := x.r.Read(p)
	return n, xzError(err)
}

func xzError(err error) error {
	switch {
	case errors.Is(err, xz.ErrMemlimit):
		return fmt.Errorf("%w: %w", errDictionary, err)
	case errors.Is(err, xz.ErrBuf):
		return fmt.Errorf("%w: %w", io.ErrUnexpectedEOF, err)
	}
	return err
}

func newZstd(r io.Reader) (io.ReadCloser, error) {
	z, err := zstd.NewReader(
		r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(maxDictionaryBytes), zstd.WithDecoderMaxMemory(maxDictionaryBytes),
	)
	if err != nil {
		return nil, err
	}
	return zstdReader{z.IOReadCloser()}, nil
}

type zstdReader struct{ io.ReadCloser }

func (z zstdReader) Read(p []byte) (int, error) {
	n, err := z.ReadCloser.Read(p)
	if errors.Is(err, zstd.ErrWindowSizeExceeded) || errors.Is(err, zstd.ErrDecoderSizeExceeded) {
		err = fmt.Errorf("%w: %w", errDictionary, err)
	}
	return n, err
}

// lzmaHeaderBytes are the properties, which LZMA has before its data.
const lzmaHeaderBytes = 5

// newLZMA reads LZMA with these properties that unpacks to size bytes, or up to
// its own mark of the end if size is negative.
func newLZMA(properties []byte, size int64, r io.Reader) (io.Reader, error) {
	if len(properties) != lzmaHeaderBytes {
		return nil, errors.New("lzma: wrong properties")
	}
	header := append([]byte(nil), properties...)
	for i := range 8 {
		header = append(header, byte(uint64(size)>>(8*i)))
	}
	l, err := lzma.ReaderConfig{DictCap: maxDictionaryBytes}.NewReader(io.MultiReader(newBytes(header), r))
	if _, ok := errors.AsType[*lzma.ErrDictSize](err); ok {
		err = fmt.Errorf("%w: %w", errDictionary, err)
	}
	return l, err
}

// newLZMA2 reads LZMA2 with this property.
func newLZMA2(property byte, size int64, r io.Reader) (io.Reader, error) {
	if property > 40 {
		return nil, errors.New("lzma2: wrong property")
	}
	dictionary := min((2|int64(property)&1)<<(property/2+11), max(size, lzma.MinDictCap))
	if dictionary > maxDictionaryBytes {
		return nil, errDictionary
	}
	return lzma.Reader2Config{DictCap: int(dictionary)}.NewReader2(r)
}
