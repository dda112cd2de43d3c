package view

import (
	"html"
	"regexp"
	"strconv"
	"strings"

	"ret/shared/workspace"
	"ret/shared/xmltable"
	"ret/web/page"
)

// locate finds the open cell's value in the XML of its record: where it begins and ends,
// both 0 where it is not found. It goes by the column's path and, where that leads to
// several elements, by the value and the row's _pos.
func locate(source string, t *workspace.Table, v page.RowView) (begin, end int) {
	at := columnByName(t, v.Column)
	if at < 0 || at >= len(v.Cells) || v.Cells[at].Absent {
		return 0, 0
	}
	column := t.Columns[at]
	switch column.Kind {
	case xmltable.Text, xmltable.Attribute, xmltable.Markup:
	default:
		return 0, 0
	}
	l := locator{source: source, steps: stepsOf(column.Path), value: strings.TrimSpace(v.Cells[at].Text)}
	if last := len(l.steps) - 1; last >= 0 && strings.HasPrefix(l.steps[last].name, "@") {
		l.attribute = l.steps[last].name[1:]
		l.steps = l.steps[:last]
	}
	if pos := columnOf(t, xmltable.Position); pos >= 0 {
		l.rowDepth = len(stepsOf(t.Columns[pos].Path))
		l.position, _ = strconv.Atoi(v.Cells[pos].Text)
	}
	l.walk()
	return l.begin, l.end
}

func columnByName(t *workspace.Table, name string) int {
	for i, c := range t.Columns {
		if c.Name == name {
			return i
		}
	}
	return -1
}

// A step is a part of a column's path: a local name, and which of that name.
type step struct {
	name   string
	number int
}

var (
	namespace = regexp.MustCompile(`Q\{[^}]*\}`)
	numbered  = regexp.MustCompile(`^(.*)\[(\d+)\]$`)
)

func stepsOf(path string) (steps []step) {
	for part := range strings.SplitSeq(strings.Trim(namespace.ReplaceAllString(path, ""), "/"), "/") {
		s := step{part, 1}
		if found := numbered.FindStringSubmatch(part); found != nil {
			s.name = found[1]
			s.number, _ = strconv.Atoi(found[2])
		}
		steps = append(steps, s)
	}
	return steps
}

// A locator goes through a record and keeps the best place that it has found.
type locator struct {
	source    string
	steps     []step
	attribute string // of the last step's element
	value     string
	rowDepth  int // how many steps lead to the row's element …
	position  int // … and which of its name that is; 0 if that is not known

	open       []openElement
	best       int
	begin, end int
}

type openElement struct {
	name   string
	number int // among those of its name in its parent
	start  int // where its content begins
	tag    string
	counts map[string]int
}

var (
	tagOrLike = regexp.MustCompile(`(?s)<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<(?:[^<>"']|"[^"]*"|'[^']*')*>`)
	attribute = regexp.MustCompile(`([^\s=<>"']+)\s*=\s*("[^"]*"|'[^']*')`)
)

func (l *locator) walk() {
	for _, m := range tagOrLike.FindAllStringIndex(l.source, -1) {
		tag := l.source[m[0]:m[1]]
		switch {
		case tag[1] == '!' || tag[1] == '?':
		case tag[1] == '/':
			if len(l.open) > 0 {
				l.closes(m[0])
			}
		default:
			l.opens(tag, m[0], m[1])
			if strings.HasSuffix(tag, "/>") {
				l.closes(m[1])
			}
		}
	}
}

func (l *locator) opens(tag string, begin, end int) {
	name := strings.TrimPrefix(tag, "<")
	name = name[:strings.IndexFunc(name+">", func(r rune) bool { return strings.ContainsRune(" \t\r\n/>", r) })]
	e := openElement{name: localName(name), start: end, tag: tag, number: 1, counts: map[string]int{}}
	if n := len(l.open); n > 0 {
		l.open[n-1].counts[e.name]++
		e.number = l.open[n-1].counts[e.name]
	}
	l.open = append(l.open, e)
	if l.attribute == "" {
		return
	}
	if score, ok := l.fits(); ok {
		for _, m := range attribute.FindAllStringSubmatchIndex(tag, -1) {
			if localName(tag[m[2]:m[3]]) == localName(l.attribute) {
				l.take(score, begin+m[4]+1, begin+m[5]-1)
			}
		}
	}
}

func localName(name string) string { return name[strings.IndexByte(name, ':')+1:] }

func (l *locator) closes(end int) {
	if l.attribute == "" {
		if score, ok := l.fits(); ok {
			l.take(score, min(l.open[len(l.open)-1].start, end), end)
		}
	}
	l.open = l.open[:len(l.open)-1]
}

// fits reports whether the steps end with what is open, and how well their numbers do.
func (l *locator) fits() (score int, ok bool) {
	above := len(l.steps) - len(l.open)
	if above < 0 {
		return 0, false
	}
	score = 4
	for i, e := range l.open {
		s := l.steps[above+i]
		if s.name != e.name {
			return 0, false
		}
		number := s.number
		if above+i+1 == l.rowDepth && l.position > 0 {
			number = l.position
		}
		if i > 0 && e.number != number {
			score = 1
		}
	}
	return score, true
}

// take keeps a place that is better than the best so far: with the value, and where the
// path leads.
func (l *locator) take(score, begin, end int) {
	if plain(l.source[begin:end]) == l.value || strings.TrimSpace(l.source[begin:end]) == l.value {
		score += 8
	}
	if score > l.best {
		l.best, l.begin, l.end = score, begin, end
	}
}

// plain is the text of a piece of XML.
func plain(source string) string {
	var b strings.Builder
	at := 0
	for _, m := range tagOrLike.FindAllStringIndex(source, -1) {
		b.WriteString(html.UnescapeString(source[at:m[0]]))
		if inner, ok := strings.CutPrefix(source[m[0]:m[1]], "<![CDATA["); ok {
			b.WriteString(strings.TrimSuffix(inner, "]]>"))
		}
		at = m[1]
	}
	b.WriteString(html.UnescapeString(source[at:]))
	return strings.TrimSpace(b.String())
}
