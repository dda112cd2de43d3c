package sandbox

import (
	"errors"
	"unicode/utf8"

	"github.com/ncruces/go-sqlite3"
)

// patternBytes is how long the pattern of a LIKE, a GLOB or a REGEXP may be.
const patternBytes = 1 << 10

var (
	errPattern = errors.New("the pattern is longer than 1,024 bytes")
	errRegexp  = errors.New("this is no regular expression")
	errEscape  = errors.New("ESCAPE expression must be a single character")
)

// token is what fits one character of a text, or, if it is many, any number of any.
type token struct {
	many, any bool
	char      rune
	fold      bool // whatever the case, of ASCII letters
	among     []span
	except    bool
}

// span are the characters from one to another.
type span struct{ from, to rune }

func (t *token) fits(r rune) bool {
	switch {
	case t.any:
		return true
	case t.among != nil || t.except:
		for _, s := range t.among {
			if s.from <= r && r <= s.to {
				return !t.except
			}
		}
		return t.except
	case t.fold:
		return lower(r) == lower(t.char)
	}
	return r == t.char
}

func lower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}

// pattern is a LIKE or GLOB pattern, ready to be used for many texts.
type pattern struct{ tokens []token }

// newLike reads a pattern of LIKE; escape is 0 for none.
func newLike(text string, escape rune) (*pattern, bool) {
	p := &pattern{}
	escaped := false
	for _, r := range text {
		switch {
		case escaped:
			p.tokens, escaped = append(p.tokens, token{char: r, fold: true}), false
		case escape != 0 && r == escape:
			escaped = true
		case r == '%':
			p.many()
		case r == '_':
			p.tokens = append(p.tokens, token{any: true})
		default:
			p.tokens = append(p.tokens, token{char: r, fold: true})
		}
	}
	return p, !escaped // what ends with the escape fits nothing
}

// newGlob reads a pattern of GLOB.
func newGlob(text string, _ rune) (*pattern, bool) {
	p := &pattern{}
	chars := []rune(text)
	for i := 0; i < len(chars); i++ {
		switch chars[i] {
		case '*':
			p.many()
		case '?':
			p.tokens = append(p.tokens, token{any: true})
		case '[':
			t, end := globSet(chars, i+1)
			if end < 0 {
				return nil, false // a set without an end fits nothing
			}
			p.tokens, i = append(p.tokens, t), end
		default:
			p.tokens = append(p.tokens, token{char: chars[i]})
		}
	}
	return p, true
}

// globSet reads a set, of which "[" is read, and gives the place of its "]".
func globSet(chars []rune, i int) (t token, end int) {
	t.among = []span{}
	if i < len(chars) && chars[i] == '^' {
		t.except = true
		i++
	}
	begin, prior := i, rune(0)
	for ; i < len(chars); i++ {
		switch r := chars[i]; {
		case r == ']' && i > begin:
			return t, i
		case r == '-' && prior != 0 && i+1 < len(chars) && chars[i+1] != ']':
			i++
			t.among = append(t.among, span{prior, chars[i]})
			prior = 0
		default:
			t.among = append(t.among, span{r, r})
			if r != ']' {
				prior = r // as SQLite has it: no range begins with a bracket
			}
		}
	}
	return t, -1
}

func (p *pattern) many() {
	if n := len(p.tokens); n == 0 || !p.tokens[n-1].many {
		p.tokens = append(p.tokens, token{many: true})
	}
}

// stepsToLook is after how many characters it is time for a look at the context.
const stepsToLook = 1 << 16

// match reports whether the pattern fits all of a text. Whatever stands before the last
// "many" that was reached is settled, so only that one is tried anew: time is at most in
// proportion to the text times the pattern, and look is called all along.
func (p *pattern) match(text []byte, look func() error) (bool, error) {
	at, token := 0, 0
	resume, resumeToken := -1, 0
	for steps := 1; ; steps++ {
		if steps%stepsToLook == 0 {
			if err := look(); err != nil {
				return false, err
			}
		}
		if token < len(p.tokens) && p.tokens[token].many {
			token++
			if token == len(p.tokens) {
				return true, nil
			}
			resume, resumeToken = at, token
			continue
		}
		if at == len(text) {
			return token == len(p.tokens), nil
		}
		r, size := decode(text[at:])
		if token < len(p.tokens) && p.tokens[token].fits(r) {
			at, token = at+size, token+1
			continue
		}
		if resume < 0 {
			return false, nil
		}
		_, size = decode(text[resume:])
		resume += size
		at, token = resume, resumeToken
	}
}

func decode(text []byte) (rune, int) {
	if text[0] < utf8.RuneSelf {
		return rune(text[0]), 1
	}
	return utf8.DecodeRune(text)
}

// matcher is like or glob: its first argument is the pattern.
func (c *Conn) matcher(read func(string, rune) (*pattern, bool)) sqlite3.ScalarFunction {
	var last string
	var lastEscape rune
	var made *pattern
	var sound, ready bool
	return func(ctx sqlite3.Context, arg ...sqlite3.Value) {
		c.answer(ctx, func() error {
			if arg[0].Type() == sqlite3.BLOB || arg[1].Type() == sqlite3.BLOB {
				ctx.ResultInt(0)
				return nil
			}
			escape := rune(0)
			if len(arg) == 3 {
				if arg[2].Type() == sqlite3.NULL {
					ctx.ResultNull()
					return nil
				}
				chars := []rune(arg[2].Text())
				if len(chars) != 1 {
					return errEscape
				}
				escape = chars[0]
			}
			if anyNull(ctx, arg) {
				return nil
			}
			if text := arg[0].RawText(); !ready || string(text) != last || escape != lastEscape {
				if len(text) > patternBytes {
					return errPattern
				}
				last, lastEscape, ready = string(text), escape, true
				made, sound = read(last, escape)
			}
			fits, err := false, error(nil)
			if sound {
				fits, err = made.match(arg[1].RawText(), c.stopped)
			}
			ctx.ResultBool(fits)
			return err
		})
	}
}
