package model

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxEventBytes bounds one event of a stream: a few words, or the arguments of a call.
const maxEventBytes = 1 << 20

var errLongEvent = errors.New("an event is too long")

// events reads server-sent events: of each its data, lines joined. Comments, names and
// ids are passed over.
type events struct{ lines *bufio.Reader }

func newEvents(from io.Reader) *events { return &events{bufio.NewReaderSize(from, 16<<10)} }

// next is the data of the next event that has any; io.EOF at the end of the stream. An
// event that the end cuts off is given as well: what it lacks makes it no JSON.
func (e *events) next() ([]byte, error) {
	var data []byte
	has := false
	for {
		line, err := e.line()
		if len(line) == 0 && has {
			return data, nil
		}
		if err != nil {
			return nil, err
		}
		if rest, ok := bytes.CutPrefix(line, []byte("data:")); ok {
			if has {
				data = append(data, '\n')
			}
			data, has = append(data, bytes.TrimPrefix(rest, []byte(" "))...), true
		}
		if len(data) > maxEventBytes {
			return nil, errLongEvent
		}
	}
}

// line is the next one without its end; an error comes with the last one, which may be
// empty.
func (e *events) line() ([]byte, error) {
	var whole []byte
	for {
		part, err := e.lines.ReadSlice('\n')
		whole = append(whole, part...)
		if len(whole) > maxEventBytes {
			return nil, errLongEvent
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		if err == io.EOF && len(whole) > 0 {
			err = nil // the end is told by the next call
		}
		return bytes.TrimRight(whole, "\r\n"), err
	}
}
