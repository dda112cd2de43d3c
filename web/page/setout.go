package page

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

// setOutBytes is how long a value may be to be set out.
const setOutBytes = 256 << 10

// setOut writes XML and JSON over several lines, as their structure is. It is not ok
// where the value is neither, or has nothing to set out.
func setOut(value string) (text string, ok bool) {
	trimmed := strings.TrimSpace(value)
	if len(trimmed) > setOutBytes || len(trimmed) < 2 {
		return "", false
	}
	switch trimmed[0] {
	case '{', '[':
		var b bytes.Buffer
		if json.Indent(&b, []byte(trimmed), "", "  ") != nil || !bytes.ContainsRune(b.Bytes(), '\n') {
			return "", false
		}
		return b.String(), true
	case '<':
		return setOutXML(trimmed)
	}
	return "", false
}

// markup is a piece of XML: a tag or what is like one, or the text between two.
var markup = regexp.MustCompile(`(?s)<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<[^<>!?]*>|[^<]+`)

// setOutXML gives each element that holds nothing but elements a line for each of them.
// Where text stands beside elements, all is left as it is: there white space counts.
func setOutXML(value string) (string, bool) {
	pieces := markup.FindAllString(value, -1)
	if strings.Join(pieces, "") != value || len(pieces) < 3 {
		return "", false
	}
	root := &node{}
	stack := []*node{root}
	for _, p := range pieces {
		top := stack[len(stack)-1]
		switch {
		case strings.HasPrefix(p, "</"):
			if len(stack) == 1 {
				return "", false
			}
			top.end = p
			stack = stack[:len(stack)-1]
		case p[0] == '<' && p[1] != '!' && p[1] != '?' && !strings.HasSuffix(p, "/>"):
			child := &node{start: p}
			top.inside = append(top.inside, child)
			stack = append(stack, child)
		case p[0] == '<' && !strings.HasPrefix(p, "<![CDATA["):
			top.inside = append(top.inside, &node{start: p})
		default:
			top.mixed = top.mixed || strings.TrimSpace(p) != ""
			top.inside = append(top.inside, &node{start: p, text: true})
		}
	}
	if len(stack) > 1 || root.mixed {
		return "", false
	}
	var b strings.Builder
	for _, child := range root.inside {
		child.write(&b, 0)
	}
	text := strings.TrimSuffix(b.String(), "\n")
	return text, strings.Contains(text, "\n")
}

// A node is an element, or another piece of XML that has only a start.
type node struct {
	start, end  string
	inside      []*node
	mixed, text bool
}

func (n *node) write(b *strings.Builder, depth int) {
	if n.text && strings.TrimSpace(n.start) == "" {
		return
	}
	indent := strings.Repeat("  ", min(depth, 40))
	b.WriteString(indent)
	if n.mixed || !n.hasElements() {
		n.asIs(b)
		b.WriteByte('\n')
		return
	}
	b.WriteString(n.start + "\n")
	for _, child := range n.inside {
		child.write(b, depth+1)
	}
	b.WriteString(indent + n.end + "\n")
}

func (n *node) hasElements() bool {
	for _, child := range n.inside {
		if !child.text {
			return true
		}
	}
	return false
}

func (n *node) asIs(b *strings.Builder) {
	b.WriteString(n.start)
	for _, child := range n.inside {
		child.asIs(b)
	}
	b.WriteString(n.end)
}

// A run is a part of a value: text, or an address that can be followed.
type run struct {
	text string
	link bool
}

var webAddress = regexp.MustCompile(`https?://[^\s<>"'{}|\\^` + "`" + `]+[^\s<>"'{}|\\^` + "`" + `.,;:!?)\]]`)

const mostLinks = 100

// runs finds the addresses of the web in a value.
func runs(value string) (list []run) {
	at := 0
	for _, found := range webAddress.FindAllStringIndex(value, mostLinks) {
		if found[0] > at {
			list = append(list, run{text: value[at:found[0]]})
		}
		list = append(list, run{text: value[found[0]:found[1]], link: true})
		at = found[1]
	}
	if at < len(value) {
		list = append(list, run{text: value[at:]})
	}
	return list
}
