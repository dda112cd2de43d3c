package wire

import (
	"bytes"
	"encoding/json"

	"ret/shared/fault"
)

// split finds the members of an object that is known to be JSON. A name that
// comes twice is refused: two readers could take different ones.
func (f *fields) split(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return errNotJSON
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return errNotJSON
		}
		name, ok := key.(string)
		if !ok || f.raw[name] != nil {
			return fault.New(fault.Invalid, "A frame must not have a field twice.")
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return errNotJSON
		}
		f.raw[name] = raw
	}
	return nil
}
