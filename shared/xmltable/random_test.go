package xmltable

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// element is a random element, and knows what its values are.
type element struct {
	name       string
	attributes [][2]string // name, value
	content    []any       // string or *element
	preserve   bool
	trims      bool // --trim
}

// A writer of random documents. It writes the same content in different ways.
type randomWriter struct {
	*rand.Rand
	b       strings.Builder
	budget  int // of elements
	pieces  int // of text so far
	newline string
}

// randomDocument returns a document and its root.
func randomDocument(seed uint64) (string, *element) {
	w := &randomWriter{Rand: rand.New(rand.NewPCG(seed, 1)), budget: 80, newline: "\n"}
	if w.IntN(4) == 0 {
		w.newline = "\r\n"
	}
	root := w.element(0, false)
	if w.IntN(3) == 0 {
		w.b.WriteString(`<?xml version="1.0" standalone='yes' ?>` + w.newline)
	}
	w.b.WriteString("<!DOCTYPE " + root.name + ` [<!ENTITY amper "&#38;#38;"><!ENTITY e "x&amper;<!-- -->y">` +
		`<!ATTLIST d z CDATA "fallback" t NMTOKENS #IMPLIED>]>`)
	w.write(root, "")
	return w.b.String(), root
}

func (w *randomWriter) pick(words ...string) string { return words[w.IntN(len(words))] }

func (w *randomWriter) element(depth int, preserve bool) *element {
	w.budget--
	e := &element{name: w.pick("a", "b", "c", "d", "a.b", "x:a", "y:a", "_id", "ä"), preserve: preserve}
	w.addAttributes(e)
	for range w.IntN(6) {
		switch {
		case depth < 6 && w.budget > 0 && w.IntN(3) > 0:
			for range 1 + w.IntN(3) {
				e.content = append(e.content, w.element(depth+1, e.preserve))
			}
		case w.IntN(2) == 0:
			e.content = append(e.content, w.pieceOfText())
		}
	}
	return e
}

// pieceOfText is blank or unlike any other, so that a test can tell them apart.
func (w *randomWriter) pieceOfText() string {
	if w.IntN(6) == 0 {
		return w.pick("  ", "\n ", " \n")
	}
	w.pieces++
	return w.pick("text", " a b ", "1", "ü€𝄞", "]]", "q\"q", ",", "<&>", "x\ny", "\n z") + strconv.Itoa(w.pieces) + w.pick("", "]", " ", "\n")
}

func (w *randomWriter) addAttributes(e *element) {
	for _, name := range []string{"i", "k.l", "x:m", "i2"} {
		if w.IntN(4) == 0 {
			e.attributes = append(e.attributes, [2]string{name, w.pick("1", "two", "a b", "<&>\"'", "", " ", "ß")})
		}
	}
	if w.IntN(12) == 0 {
		e.preserve = !e.preserve
		setting := "default"
		if e.preserve {
			setting = "preserve"
		}
		e.attributes = append(e.attributes, [2]string{"xml:space", setting})
	}
	if e.name == "d" {
		e.attributes = append(e.attributes, [2]string{"z", w.pick("fallback", "written")})
	}
}

func (w *randomWriter) write(e *element, namespaces string) {
	fmt.Fprintf(&w.b, "<%s", e.name)
	if namespaces == "" {
		namespaces = w.pick(` xmlns:x="u:x" xmlns:y="u:y"`, ` xmlns:y="u:y" xmlns:x="u:x" xmlns="u:d"`)
		w.b.WriteString(namespaces)
	} else if w.IntN(10) == 0 {
		w.b.WriteString(namespaces)
	}
	for _, a := range e.attributes {
		if a == [2]string{"z", "fallback"} && w.IntN(2) == 0 {
			continue // the document type declares it
		}
		w.b.WriteString(w.pick(" ", "\n", "  ") + a[0] + w.pick("=", " = "))
		quote := w.pick(`"`, `'`)
		w.b.WriteString(quote)
		for _, r := range a[1] {
			w.character(r, true)
		}
		w.b.WriteString(quote)
	}
	if len(e.content) == 0 && w.IntN(2) == 0 {
		w.b.WriteString(w.pick("/>", " />"))
		return
	}
	w.b.WriteString(w.pick(">", ">", "\n>"))
	w.content(e, namespaces)
	fmt.Fprintf(&w.b, "</%s%s>", e.name, w.pick("", "", " "))
}

func (w *randomWriter) content(e *element, namespaces string) {
	for _, c := range e.content {
		if w.IntN(4) == 0 {
			w.b.WriteString(w.pick("<!-- no - text -->", "<?pi data?>", "<?pi?>"))
		}
		switch c := c.(type) {
		case *element:
			w.write(c, namespaces)
		case string:
			w.text(c)
		}
	}
}

func (w *randomWriter) text(s string) {
	if w.IntN(4) == 0 && !strings.Contains(s, "]]") {
		w.b.WriteString("<![CDATA[" + strings.ReplaceAll(s, "\n", w.newline) + "]]>")
		return
	}
	for _, r := range s {
		w.character(r, false)
	}
}

func (w *randomWriter) character(r rune, attribute bool) {
	switch {
	case r == '&' && w.IntN(3) == 0:
		w.b.WriteString("&amper;")
	case r == '<' || r == '&' || r == '>' || r == '"' || r == '\'':
		w.b.WriteString(map[rune]string{'<': "&lt;", '&': "&amp;", '>': "&gt;", '"': "&quot;", '\'': "&apos;"}[r])
	case r == '\n' && !attribute:
		w.b.WriteString(w.newline)
	case w.IntN(12) == 0:
		fmt.Fprintf(&w.b, w.pick("&#%d;", "&#x%X;"), r)
	default:
		w.b.WriteRune(r)
	}
}

// own is the element's own text, as a cell holds it; some is false if it has none.
func (e *element) own() (text string, some bool) {
	text = e.raw()
	if !e.preserve && e.bears() && strings.Trim(text, " \n") == "" {
		return "", false
	}
	text = e.settle(text)
	return text, text != ""
}

// raw is the element's own text with its layout.
func (e *element) raw() (text string) {
	for _, c := range e.content {
		if s, ok := c.(string); ok {
			text += s
		}
	}
	return text
}

// bears reports whether there are child elements.
func (e *element) bears() bool {
	for _, c := range e.content {
		if _, ok := c.(*element); ok {
			return true
		}
	}
	return false
}

// whole is own with the text of what stands in e.
func (e *element) whole() string { return e.settle(e.all()) }

func (e *element) all() (text string) {
	for _, c := range e.content {
		switch c := c.(type) {
		case string:
			text += c
		case *element:
			text += c.all()
		}
	}
	return text
}

func (e *element) settle(text string) string {
	if e.preserve {
		return text
	}
	if left := strings.TrimLeft(text, " \n"); e.trims || strings.Contains(text[:len(text)-len(left)], "\n") {
		text = left
	}
	if left := strings.TrimRight(text, " \n"); e.trims || strings.Contains(text[len(left):], "\n") {
		text = left
	}
	return text
}

// trim sets --trim for e and all below it.
func (e *element) trim() {
	e.trims = true
	for _, c := range e.content {
		if child, ok := c.(*element); ok {
			child.trim()
		}
	}
}
