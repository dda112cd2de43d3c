package asset

import (
	"bytes"
	"cmp"
	"fmt"
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
// first and plain last.
func encode(content []byte) ([]encoding, error) {
	plain := encoding{"", content}
	br, err := compress("br", content, func(w io.Writer) (io.WriteCloser, error) {
		return brotli.NewWriterLevel(w, brotliLevel), nil
	})
	if err != nil {
		return nil, err
	}
	gz, err := compress("gzip", content, func(w io.Writer) (io.WriteCloser, error) {
		return gzip.NewWriterLevel(w, gzip.BestCompression)
	})
	if err != nil {
		return nil, err
	}
	smaller := slices.DeleteFunc([]encoding{br, gz}, func(e encoding) bool {
		return len(e.content) >= len(content)
	})
	slices.SortFunc(smaller, func(a, b encoding) int { return cmp.Compare(len(a.content), len(b.content)) })
	return append(smaller, plain), nil
}

func compress(name string, content []byte, open func(io.Writer) (io.WriteCloser, error)) (encoding, error) {
	var out bytes.Buffer
	w, err := open(&out)
	if err != nil {
		return encoding{}, fmt.Errorf("start %s: %w", name, err)
	}
	if _, err := w.Write(content); err != nil {
		return encoding{}, fmt.Errorf("write %s: %w", name, err)
	}
	if err := w.Close(); err != nil {
		return encoding{}, fmt.Errorf("end %s: %w", name, err)
	}
	return encoding{name, out.Bytes()}, nil
}
