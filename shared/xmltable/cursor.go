package xmltable

import (
	"bytes"
	"fmt"
)

// A cursor reads declarations. Its methods say whether they succeeded; after the
// first that did not, problem says what was expected at b[i].
type cursor struct {
	b       []byte
	i       int
	problem string
}

func (c *cursor) fail(format string, args ...any) bool {
	if c.problem == "" {
		c.problem = fmt.Sprintf(format, args...)
	}
	return false
}

// atEnd reports whether the text has ended too early, rather than wrongly.
func (c *cursor) atEnd() bool { return c.i >= len(c.b) }

// peek returns the next byte, 0 at the end.
func (c *cursor) peek() byte {
	if c.atEnd() {
		return 0
	}
	return c.b[c.i]
}

// sees reports whether literal comes next. If the text ends within it, so does
// the cursor.
func (c *cursor) sees(literal string) bool {
	rest := c.b[c.i:]
	if len(rest) < len(literal) && bytes.HasPrefix([]byte(literal), rest) {
		c.i = len(c.b)
		return false
	}
	return bytes.HasPrefix(rest, []byte(literal))
}

// takes is sees that moves on.
func (c *cursor) takes(literal string) bool {
	if !c.sees(literal) {
		return false
	}
	c.i += len(literal)
	return true
}

func (c *cursor) expect(literal string) bool {
	return c.takes(literal) || c.fail("expected %s in the document type declaration", literal)
}

// spaces skips white space, if there is some.
func (c *cursor) spaces() bool {
	begin := c.i
	for c.i < len(c.b) && space(c.b[c.i]) {
		c.i++
	}
	return c.i > begin
}

func (c *cursor) expectSpaces() bool {
	return c.spaces() || c.fail("expected white space in the document type declaration")
}

func (c *cursor) name(name *string) bool {
	n := nameLength(c.b[c.i:])
	if n == 0 {
		return c.fail("expected a name in the document type declaration")
	}
	*name = string(c.b[c.i : c.i+n])
	c.i += n
	return !c.atEnd()
}

func (c *cursor) nameToken() bool {
	n := nameTokenLength(c.b[c.i:])
	c.i += n
	return n > 0 || c.fail("expected a name token in the document type declaration")
}

// quoted takes a literal in quotes.
func (c *cursor) quoted(inside *[]byte) bool {
	quote := c.peek()
	if quote != '"' && quote != '\'' {
		return c.fail("expected a value in quotes in the document type declaration")
	}
	n := bytes.IndexByte(c.b[c.i+1:], quote)
	if n < 0 {
		c.i = len(c.b)
		return false
	}
	*inside = c.b[c.i+1 : c.i+1+n]
	c.i += n + 2
	return true
}

// until takes everything up to and with literal.
func (c *cursor) until(literal string) ([]byte, bool) {
	n := bytes.Index(c.b[c.i:], []byte(literal))
	if n < 0 {
		c.i = len(c.b)
		return nil, false
	}
	inside := c.b[c.i : c.i+n]
	c.i += n + len(literal)
	return inside, true
}
