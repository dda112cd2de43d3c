package xmltable

import (
	"bytes"
	"errors"
	"regexp"
)

var (
	htmlHead  = regexp.MustCompile(`(?i)^\s*(<!--.*?-->\s*)*<(!doctype\s+html|html)[\s>]`)
	xhtmlHead = regexp.MustCompile(`(?i)xhtml`)
	jsonHead  = regexp.MustCompile(`^\s*([{\]"]|\[\s*[[{\]"0-9tfn-])`)
)

// explain says in a SyntaxError what the document is, if by its first bytes it is
// something else than XML. What is well-formed has no error, whatever it looks
// like.
func (s *scanner) explain(err error) error {
	syntax, ok := errors.AsType[*SyntaxError](err)
	if !ok {
		return err
	}
	head, explanation := bytes.TrimPrefix(s.head, []byte("\xEF\xBB\xBF")), ""
	switch {
	case len(s.head) < declarationBytes && len(bytes.TrimSpace(head)) == 0:
		explanation = "the file is empty: "
	case jsonHead.Match(head):
		explanation = "the file is JSON, not XML: "
	case htmlHead.Match(head) && !xhtmlHead.Match(head):
		explanation = "the file is HTML, not XML: "
	default:
		return err
	}
	return &SyntaxError{Line: syntax.Line, Column: syntax.Column, Message: explanation + syntax.Message}
}
