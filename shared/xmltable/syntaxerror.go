package xmltable

import (
	"fmt"

	"ret/shared/fault"
)

// SyntaxError says where and why a document is not well-formed, or which limit
// it goes over. To package fault it is Invalid, with Message as the sentence.
type SyntaxError struct {
	Line    int    `json:"line"`   // from 1; 0 if the place is unknown
	Column  int    `json:"column"` // in characters, from 1
	Message string `json:"message"`
}

// Error gives "line:column: message".
func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message)
}

// Unwrap lets fault.KindOf and fault.Message see through.
func (e *SyntaxError) Unwrap() error { return fault.New(fault.Invalid, "%s", e.Message) }

// errChanged: the second pass met something that the first did not.
var errChanged = fault.New(fault.Conflict,
	"The document changed while it was being converted. Please convert it again.")
