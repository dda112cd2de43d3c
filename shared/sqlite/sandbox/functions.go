package sandbox

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/ncruces/go-sqlite3"
)

// addFunctions puts our own in place of SQLite's that may take time beyond all bounds:
// with the same results, and with a look at the context.
func (c *Conn) addFunctions() error {
	trim := func(left, right bool) sqlite3.ScalarFunction {
		return func(ctx sqlite3.Context, arg ...sqlite3.Value) {
			c.answer(ctx, func() error { return trim(ctx, arg, left, right) })
		}
	}
	like, glob := c.matcher(newLike), c.matcher(newGlob)
	for _, f := range []struct {
		name string
		args int
		call sqlite3.ScalarFunction
	}{
		{"like", 2, like},
		{"like", 3, like},
		{"glob", 2, glob},
		{"regexp", 2, c.regexp()},
		{"instr", 2, func(ctx sqlite3.Context, arg ...sqlite3.Value) {
			c.answer(ctx, func() error { return instr(ctx, arg) })
		}},
		{"replace", 3, func(ctx sqlite3.Context, arg ...sqlite3.Value) {
			c.answer(ctx, func() error { return replace(ctx, arg) })
		}},
		{"trim", 1, trim(true, true)},
		{"trim", 2, trim(true, true)},
		{"ltrim", 1, trim(true, false)},
		{"ltrim", 2, trim(true, false)},
		{"rtrim", 1, trim(false, true)},
		{"rtrim", 2, trim(false, true)},
	} {
		if err := c.raw.CreateFunction(f.name, f.args, sqlite3.DETERMINISTIC|sqlite3.INNOCUOUS, f.call); err != nil {
			return err
		}
	}
	return nil
}

// answer runs a function and hands its error to SQLite.
func (c *Conn) answer(ctx sqlite3.Context, f func() error) {
	err := c.stopped()
	if err == nil {
		if full := Memory(func() { err = f() }); full != nil {
			err = full
		}
	}
	ctx.ResultError(err)
}

// anyNull gives NULL where an argument is NULL.
func anyNull(ctx sqlite3.Context, arg []sqlite3.Value) bool {
	for _, a := range arg {
		if a.Type() == sqlite3.NULL {
			ctx.ResultNull()
			return true
		}
	}
	return false
}

// text is a copy of a value as text: what SQLite owns moves with the next call.
func text(v sqlite3.Value) []byte { return bytes.Clone(v.RawText()) }

// instr is where the second argument stands in the first, from 1; 0 if nowhere.
func instr(ctx sqlite3.Context, arg []sqlite3.Value) error {
	if anyNull(ctx, arg) {
		return nil
	}
	if arg[0].Type() == sqlite3.BLOB && arg[1].Type() == sqlite3.BLOB {
		ctx.ResultInt(bytes.Index(arg[0].Blob(nil), arg[1].Blob(nil)) + 1)
		return nil
	}
	in, part := text(arg[0]), text(arg[1])
	at := bytes.Index(in, part)
	if at >= 0 {
		at = utf8.RuneCount(in[:at])
	}
	ctx.ResultInt(at + 1)
	return nil
}

func replace(ctx sqlite3.Context, arg []sqlite3.Value) error {
	if anyNull(ctx, arg[:2]) {
		return nil
	}
	in, from := text(arg[0]), text(arg[1])
	if len(from) == 0 {
		ctx.ResultRawText(present(in))
		return nil
	}
	if anyNull(ctx, arg[2:]) {
		return nil
	}
	to := text(arg[2])
	if grown := len(in) + bytes.Count(in, from)*(len(to)-len(from)); grown > ValueBytes {
		return sqlite3.TOOBIG
	}
	ctx.ResultRawText(present(bytes.ReplaceAll(in, from, to)))
	return nil
}

// present keeps an empty text from being taken for NULL.
func present(text []byte) []byte {
	if text == nil {
		return []byte{}
	}
	return text
}

// trim takes characters off the ends: spaces, or those of the second argument.
func trim(ctx sqlite3.Context, arg []sqlite3.Value, left, right bool) error {
	if anyNull(ctx, arg) {
		return nil
	}
	in, off := text(arg[0]), map[rune]bool{' ': true}
	if len(arg) == 2 {
		clear(off)
		for _, r := range string(text(arg[1])) {
			off[r] = true
		}
	}
	isOff := func(r rune) bool { return off[r] }
	if left {
		in = bytes.TrimLeftFunc(in, isOff)
	}
	if right {
		in = bytes.TrimRightFunc(in, isOff)
	}
	ctx.ResultRawText(present(in))
	return nil
}

// regexp is X REGEXP Y: whether the expression (RE2, which takes time in proportion to
// the text) fits somewhere in the text.
func (c *Conn) regexp() sqlite3.ScalarFunction {
	var last string
	var compiled *regexp.Regexp
	return func(ctx sqlite3.Context, arg ...sqlite3.Value) {
		c.answer(ctx, func() error {
			if anyNull(ctx, arg) {
				return nil
			}
			if expr := arg[0].RawText(); compiled == nil || string(expr) != last {
				if len(expr) > patternBytes {
					return errPattern
				}
				made, err := regexp.Compile(string(expr))
				if err != nil {
					return errRegexp
				}
				last, compiled = strings.Clone(string(expr)), made
			}
			ctx.ResultBool(compiled.Match(arg[1].RawText()))
			return nil
		})
	}
}
