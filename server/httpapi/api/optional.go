package api

import "encoding/json"

// optional is a member of an object that may be left out, which is another thing than
// null.
type optional[T any] struct {
	There bool
	Value *T // nil: null
}

// UnmarshalJSON implements json.Unmarshaler.
func (o *optional[T]) UnmarshalJSON(text []byte) error {
	o.There = true
	return json.Unmarshal(text, &o.Value)
}
