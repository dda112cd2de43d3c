package tablefile

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"strings"

	"ret/shared/decimal"
	"ret/shared/fault"
)

// order is the column to sort by.
type order struct {
	column     int
	descending bool
}

// sorts leaves out what says nothing.
func sorts(texts []string) []string {
	return slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return s == "" })
}

// mostSorts is by how many columns rows are sorted at most.
const mostSorts = 8

func parseOrders(texts, columns []string) (by []order, err error) {
	texts = sorts(texts)
	if len(texts) > mostSorts {
		return nil, fault.New(fault.Invalid, "Rows are sorted by %d columns at most.", mostSorts)
	}
	for _, text := range texts {
		o, err := parseOrder(text, columns)
		if err != nil {
			return nil, err
		}
		by = append(by, o)
	}
	return by, nil
}

// parseOrder reads a column's name, or "-" and a name.
func parseOrder(text string, columns []string) (order, error) {
	if i := slices.Index(columns, text); i >= 0 {
		return order{column: i}, nil
	}
	if name, ok := strings.CutPrefix(text, "-"); ok {
		if i := slices.Index(columns, name); i >= 0 {
			return order{column: i, descending: true}, nil
		}
	}
	return order{}, fault.New(fault.Invalid, "There is no column %q to sort by.", text)
}

// sortKey is a row as sorting sees it: 16 bytes, since there is one for each of
// millions of rows. Texts that do not fit in stand beside it, in sortKeys.
type sortKey struct {
	prefix uint64
	row    uint32
	rest   uint32 // class, and where the text stands plus 1; 0: prefix says all
}

const (
	classShift = 30
	classMask  = 3 << classShift

	classNumber = 0 << classShift
	classText   = 1 << classShift
	classAbsent = 2 << classShift
)

// What sorting holds at once: 100 MB for a table that is sorted as a whole, with 16
// MiB of texts where few rows tie; or 16 MB of keys, half of them again while they are
// sorted, and twice 16 MiB of texts, by which the rows of a larger table are found in
// several passes.
var usualSortRoom = sortRoom{whole: 5_000_000, keys: 1_000_000, texts: 16 << 20}

type sortRoom struct {
	whole int64 // rows
	keys  int64
	texts int64 // bytes
}

// sortKeys are the first rows of an order behind a certain one, as many as there is
// room for.
type sortKeys struct {
	sorting
	keys     []sortKey
	texts    []byte // each with its length before it
	spare    []byte // room for the texts that shrink keeps
	maxKeys  int
	maxTexts int64

	behind *ownKey // only rows behind this one
	before *ownKey // rows from here on were dropped, for another pass
}

// ownKey is a key with a text of its own, which outlives its sortKeys' texts.
type ownKey struct {
	sortKey
	text []byte
}

// begin forgets what was held, for a pass over the rows between two keys, nil for no
// bound.
func (s *sortKeys) begin(behind, before *ownKey) {
	s.keys, s.texts = s.keys[:0], s.texts[:0]
	s.behind, s.before = behind, before
}

// isBetween reports whether a key lies between two others, nil for no bound.
func (s *sorting) isBetween(k sortKey, text []byte, behind, before *ownKey) bool {
	return (behind == nil || s.compare(k, text, behind.sortKey, behind.text) > 0) &&
		(before == nil || s.compare(k, text, before.sortKey, before.text) < 0)
}

// offer takes a row in if it may be among the first; the text is only borrowed.
func (s *sortKeys) offer(k sortKey, text []byte) {
	if !s.isBetween(k, text, s.behind, s.before) {
		return
	}
	if len(s.keys) > 0 && (len(s.keys) >= s.maxKeys || int64(len(s.texts)+len(text)) > s.maxTexts) {
		if only := s.keys[0]; len(s.keys) == 1 && s.compare(k, text, only, textAt(s.texts, only)) > 0 {
			s.before = &ownKey{k, bytes.Clone(text)}
			return
		}
		s.shrink()
		if s.compare(k, text, s.before.sortKey, s.before.text) >= 0 {
			return
		}
	}
	s.texts = k.keep(s.texts, text)
	s.keys = append(s.keys, k)
}

// keep puts the text of a key behind others, unless its prefix says all.
func (k *sortKey) keep(texts, text []byte) []byte {
	if text == nil {
		return texts
	}
	k.rest |= uint32(len(texts)) + 1
	texts = binary.AppendUvarint(texts, uint64(len(text)))
	return append(texts, text...)
}

// shrink drops the second half, or a single key, beside which there is no room for
// one that comes before it.
func (s *sortKeys) shrink() {
	s.sort()
	kept := len(s.keys) / 2
	s.before = s.own(s.keys[kept])
	s.keys = s.keys[:kept]
	old := s.texts
	s.texts, s.spare = s.spare[:0], old
	for i := range s.keys {
		text := textAt(old, s.keys[i])
		s.keys[i].rest &= classMask
		s.texts = s.keys[i].keep(s.texts, text)
	}
}

func (s *sortKeys) sort() {
	sortAtOnce(s.keys, func(a, b sortKey) int {
		if (a.rest^b.rest)&classMask == 0 && a.prefix != b.prefix { // most of them
			if (a.prefix < b.prefix) != s.by.descending {
				return -1
			}
			return 1
		}
		return s.compare(a, textAt(s.texts, a), b, textAt(s.texts, b))
	})
}

func (s *sortKeys) own(k sortKey) *ownKey {
	return &ownKey{k, bytes.Clone(textAt(s.texts, k))}
}

// textAt is a key's text, or nil if its prefix says all.
func textAt(texts []byte, k sortKey) []byte {
	at := k.rest &^ classMask
	if at == 0 {
		return nil
	}
	length, n := binary.Uvarint(texts[at-1:])
	begin := int(at) - 1 + n
	return texts[begin : begin+int(length)]
}

// wholeText is how many bytes of a text its prefix holds.
const wholeText = 7

// newSortKey makes the key of a row; text is what does not fit into it.
func newSortKey(row uint32, cell []byte) (k sortKey, text []byte) {
	k.row = row
	v := parseValue(cell)
	switch {
	case cell == nil:
		k.rest = classAbsent
	case v.number:
		k.prefix = sortableFloat(v.float)
		if !isExact(cell) {
			text = cell
		}
	default:
		k.rest = classText
		k.prefix = textPrefix(cell)
		if len(cell) > wholeText {
			text = cell[wholeText:]
		}
	}
	return k, text
}

// textPrefix is the beginning of a text, and whether it goes on.
func textPrefix(text []byte) uint64 {
	var first [8]byte
	copy(first[:wholeText], text)
	first[wholeText] = byte(min(len(text), wholeText+1))
	return binary.BigEndian.Uint64(first[:])
}

// sortableFloat gives bits that order as the numbers do.
func sortableFloat(f float64) uint64 {
	if f == 0 {
		f = 0 // not -0
	}
	b := math.Float64bits(f)
	if b>>63 == 1 {
		return ^b
	}
	return b | 1<<63
}

func floatOf(sortable uint64) float64 {
	if sortable>>63 == 1 {
		return math.Float64frombits(sortable &^ (1 << 63))
	}
	return math.Float64frombits(^sortable)
}

// isExact reports whether a number is told apart from all others by its nearest
// float: up to 15 digits without an exponent.
func isExact(number []byte) bool {
	return len(number) <= 15 && !bytes.ContainsAny(number, "eE")
}

// compare orders numbers before text, turned round if descending; then, whatever
// the direction, absent last and ties in their own order.
func (s *sorting) compare(a sortKey, aText []byte, b sortKey, bText []byte) int {
	aClass, bClass := a.rest&classMask, b.rest&classMask
	if (aClass == classAbsent) != (bClass == classAbsent) {
		return cmp.Compare(aClass, bClass)
	}
	c := cmp.Compare(aClass, bClass)
	if c == 0 {
		c = cmp.Compare(a.prefix, b.prefix)
	}
	if c == 0 && (aText != nil || bText != nil) {
		if aClass == classNumber {
			c = decimal.Compare(numberText(a, aText), numberText(b, bText))
		} else {
			c = bytes.Compare(aText, bText)
		}
	}
	if s.by.descending {
		c = -c
	}
	if c != 0 {
		return c
	}
	return s.compareTied(a.row, b.row)
}

// numberText is the number of a key, whose text may be left out where it is exact.
func numberText(k sortKey, text []byte) []byte {
	if text != nil {
		return text
	}
	return strconv.AppendFloat(nil, floatOf(k.prefix), 'f', -1, 64)
}
