package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Encode writes a frame. HTML stays as it is: a frame is no script.
func Encode(f Frame) ([]byte, error) {
	body, err := Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", f.Type(), err)
	}
	out := make([]byte, 0, len(body)+len(`{"type":"rejected",`))
	out = append(out, `{"type":"`...)
	out = append(out, f.Type()...)
	out = append(out, `",`...)
	return append(out, body[1:]...), nil // every frame has a field of its own
}

// Marshal is json.Marshal without escapes for script elements, which would make
// fragments half as long again.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
