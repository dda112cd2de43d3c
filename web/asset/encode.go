package asset

import (
	"bytes"
	"cmp"
	"io"
	"slices"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

// encoding is an asset in one content coding; the plain one has no name.
type encoding struct {
	name    string
	content []byte
}

// brotliLevel is the last whose encoder is small: at 9 each one takes 33 MB, which
// more than doubled what the whole server needs.
const brotliLevel = 6

// encode gives the content in every coding that makes it smaller, smallest
// first and plain last. A coding that fails is left out: plain always does.
func encode(content []byte) []encoding {
	coders := map[string]func(io.Writer) (io.WriteCloser, error){
		"br":   func(w io.Writer) (io.WriteCloser, error) { return brotli.NewWriterLevel(w, brotliLevel), nil },
		"gzip": func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriterLevel(w, gzip.BestCompression) },
	}
	var smaller []encoding
	for name, open := range coders {
		if coded, err := compress(content, open); err == nil && len(coded) < len(content) {
			smaller = append(smaller, encoding{name, coded})
		}
	}
	slices.SortFunc(smaller, func(a, b encoding) int { return cmp.Compare(len(a.content), len(b.content)) })
	return append(smaller, encoding{"", content})
}

func compress(content []byte, open func(io.Writer) (io.WriteCloser, error)) ([]byte, error) {
	var out bytes.Buffer
	w, err := open(&out)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
