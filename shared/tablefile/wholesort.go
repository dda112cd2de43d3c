package tablefile

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"runtime"
	"slices"
	"sort"
	"sync"
	"sync/atomic"

	"ret/shared/decimal"
)

// wholeSort sorts all rows of a question at once, 20 bytes for each, however long
// what they are sorted by is. A first scan of the table gives each row a key of a few
// bytes. Rows whose keys tie are told apart by further scans, each of which reads
// what follows in their texts: as many bytes as there is room for, and not what all
// texts of a large group have in common.
type wholeSort struct {
	sorting
	room  int64     // bytes of texts
	keys  []sortKey // in order but for ties, which stand in theirs
	place []uint32  // by row: where its open key stands, or noPlace
	first []uint64  // a bit for each key: it begins a group of equal ones

	windows []byte // texts' next bytes, where the keys only say where they stand
	step    int    // bytes of a text that a scan reads; 0: what a prefix holds
	large   []group

	scans int // of the table, or of the parts of it where rows tie
}

// The rest of a key is its class, whether its text goes on, and how many bytes of
// the text have been compared.
const (
	openKey   = 1 << 29
	depthMask = openKey - 1

	noPlace = 1<<32 - 1

	// A window's key is where it begins, and its length.
	windowShift = 24
	windowMask  = 1<<windowShift - 1

	// leastWindow is from how many bytes of each text on they are held as windows.
	leastWindow = 16

	// largeGroups is at most how many groups find out what their texts have in common.
	largeGroups = 64

	// samplePart is which part of the room for texts large groups' samples take beside it.
	samplePart = 4

	// farRows is how many rows without a tie are rather skipped than read.
	farRows = 4 * indexEvery
)

// group is a group of equal keys, of which is found out how much their texts share.
type group struct {
	begin, end int
	sample     []byte // the first text, as far as there is room
	shared     int    // bytes that all have in common
	seen       int    // texts
}

// add takes in one text of the group.
func (g *group) add(text []byte, room int64) {
	if g.seen++; g.seen == 1 {
		g.sample = bytes.Clone(text[:min(int64(len(text)), room)])
		g.shared = len(g.sample)
		return
	}
	g.shared = commonPrefix(g.sample[:g.shared], text)
}

// join takes in the texts of another part of the group.
func (g *group) join(other group) {
	if other.seen == 0 {
		return
	}
	if g.seen == 0 {
		g.sample, g.shared = other.sample, other.shared
	} else {
		g.shared = commonPrefix(g.sample[:g.shared], other.sample[:other.shared])
	}
	g.seen += other.seen
}

func commonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	if bytes.Equal(a[:n], b[:n]) {
		return n
	}
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// sortWhole returns the rows of a sorting in their order.
func (t *Table) sortWhole(ctx context.Context, by sorting) (*wholeSort, error) {
	s := &wholeSort{sorting: by, room: t.sortRoom.texts, keys: make([]sortKey, 0, t.index.Rows)}
	if err := s.readKeys(ctx, t); err != nil {
		return nil, err
	}
	s.sortFirst()
	for tied := s.countOpen(); tied > 0; tied = s.countOpen() {
		if err := s.refine(ctx, t, tied); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// keyPart is what the first scan finds in a part of the rows.
type keyPart struct {
	keys  []sortKey
	texts group
}

// readKeys is the first scan.
func (s *wholeSort) readKeys(ctx context.Context, t *Table) error {
	s.scans++
	s.large = []group{{}}
	return scanParts(ctx, t.wholeInParts(s.reach), s.beginKeys, func(p keyPart) error {
		s.keys = append(s.keys, p.keys...)
		s.large[0].join(p.texts)
		return nil
	})
}

func (s *wholeSort) beginKeys() partScan[keyPart] {
	var part keyPart
	filters := s.again()
	return partScan[keyPart]{
		row: func(row int64, cells [][]byte) error {
			if !matchAll(filters, cells) {
				return nil
			}
			cell := cells[s.by.column]
			k, more := newSortKey(uint32(row), cell)
			if k.rest == classText {
				part.texts.add(cell, s.room/samplePart)
			}
			if more != nil {
				k.rest |= openKey
			}
			part.keys = append(part.keys, k)
			return nil
		},
		end: func() keyPart {
			found := part
			part = keyPart{keys: make([]sortKey, 0, len(found.keys))}
			return found
		},
	}
}

// sortFirst sorts by class and first key, and finds the groups that tie.
func (s *wholeSort) sortFirst() {
	sortAtOnce(s.keys, func(a, b sortKey) int {
		if (a.rest^b.rest)&classMask == 0 {
			return s.comparePrefix(a, b)
		}
		return cmp.Compare(s.classPlace(a), s.classPlace(b))
	})
	s.first = make([]uint64, len(s.keys)/64+1)
	texts := s.large[0]
	s.eachRun(0, len(s.keys), func(begin, end int) {
		depth := uint32(0) // numbers are read anew, as exact ones
		if s.keys[begin].rest&classMask == classText {
			depth = wholeText
			if end-begin == texts.seen {
				depth = uint32(max(wholeText, texts.shared))
			}
		}
		s.setRun(begin, end, depth)
	})
	s.large = nil
}

// classPlace is where a class stands in the order.
func (s *wholeSort) classPlace(k sortKey) uint32 {
	class := k.rest & classMask
	if s.by.descending && class != classAbsent {
		return classText - class
	}
	return class
}

func (s *wholeSort) comparePrefix(a, b sortKey) int {
	switch {
	case a.prefix == b.prefix:
		return s.compareTied(a.row, b.row)
	case a.prefix < b.prefix != s.by.descending:
		return -1
	}
	return 1
}

// eachRun calls f for each run of equal keys of a sorted part.
func (s *wholeSort) eachRun(begin, end int, f func(begin, end int)) {
	for begin < end {
		next := begin + 1
		for next < end && s.sameKey(s.keys[begin], s.keys[next]) {
			next++
		}
		f(begin, next)
		begin = next
	}
}

func (s *wholeSort) sameKey(a, b sortKey) bool {
	if a.rest&classMask != b.rest&classMask {
		return false
	}
	if s.step == 0 {
		return a.prefix == b.prefix
	}
	return s.compareWindows(a, b) == 0
}

// setRun makes a run of equal keys a group. It stays open if one of several has more
// text behind depth.
func (s *wholeSort) setRun(begin, end int, depth uint32) {
	atomic.OrUint64(&s.first[begin/64], 1<<(begin%64)) // a word may be of several groups
	open := uint32(0)
	if end-begin > 1 && slices.ContainsFunc(s.keys[begin:end], func(k sortKey) bool { return k.rest&openKey != 0 }) {
		open = openKey
	}
	for i := begin; i < end; i++ {
		s.keys[i].rest = s.keys[i].rest&classMask | open | depth
	}
}

func (s *wholeSort) countOpen() (open int64) {
	for _, k := range s.keys {
		if k.rest&openKey != 0 {
			open++
		}
	}
	return open
}

// refine tells open groups apart by what follows in their texts.
func (s *wholeSort) refine(ctx context.Context, t *Table, tied int64) error {
	s.prepare(t, tied)
	if err := s.readNext(ctx, t); err != nil {
		return err
	}
	s.sortGroups()
	return nil
}

// sortGroups sorts what was read anew, by as many processors as there are.
func (s *wholeSort) sortGroups() {
	var done sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	size := len(s.keys)/(4*workers) + 1
	turns := make(chan struct{}, workers)
	for begin := 0; begin < len(s.keys); {
		end := begin
		for end < len(s.keys) && end-begin < size {
			end = s.groupEnd(end)
		}
		turns <- struct{}{}
		from := begin
		done.Go(func() {
			s.sortGroupsOf(from, end)
			<-turns
		})
		begin = end
	}
	done.Wait()
}

// sortGroupsOf sorts the groups of a part of the keys.
func (s *wholeSort) sortGroupsOf(begin, last int) {
	for begin < last {
		end := s.groupEnd(begin)
		if s.place[s.keys[begin].row] != noPlace {
			s.sortGroup(begin, end)
		}
		begin = end
	}
}

// prepare notes where open keys stand, which groups are large, and how much is read
// of each text.
func (s *wholeSort) prepare(t *Table, tied int64) {
	if s.place == nil {
		s.place = make([]uint32, t.index.Rows)
	}
	for i := range s.place {
		s.place[i] = noPlace
	}
	s.large = s.large[:0]
	for begin := 0; begin < len(s.keys); {
		end := s.groupEnd(begin)
		if s.keys[begin].rest&openKey != 0 {
			for i := begin; i < end; i++ {
				s.place[s.keys[i].row] = uint32(i)
			}
			if int64(end-begin) >= tied/largeGroups {
				s.noteLarge(begin, end)
			}
		}
		begin = end
	}
	s.step = 0
	if w := min(s.room/tied, windowMask); w >= leastWindow {
		s.step = int(w)
		s.placeWindows(tied)
	}
}

// placeWindows gives each open key a place for what is read of its text.
func (s *wholeSort) placeWindows(tied int64) {
	s.windows = slices.Grow(s.windows[:0], int(tied)*s.step)[:int(tied)*s.step]
	at := 0
	for i := range s.keys {
		if s.place[s.keys[i].row] != noPlace {
			s.keys[i].prefix = uint64(at) << windowShift
			at += s.step
		}
	}
}

func (s *wholeSort) noteLarge(begin, end int) {
	if len(s.large) < largeGroups {
		s.large = append(s.large, group{begin: begin, end: end})
	}
}

// groupEnd is where the group that begins at a place ends.
func (s *wholeSort) groupEnd(begin int) int {
	end := begin + 1
	for end < len(s.keys) && atomic.LoadUint64(&s.first[end/64])>>(end%64)&1 == 0 {
		end++
	}
	return end
}

// readNext scans the parts of the table in which there are open keys.
func (s *wholeSort) readNext(ctx context.Context, t *Table) error {
	s.scans++
	for begin := 0; begin < len(s.place); {
		if s.place[begin] == noPlace {
			begin++
			continue
		}
		last := begin
		for i := begin + 1; i < len(s.place) && i-last < farRows; i++ {
			if s.place[i] != noPlace {
				last = i
			}
		}
		err := scanParts(ctx, parts{t, int64(begin), int64(last) + 1, s.by.column + 1}, s.beginNext, s.joinSamples)
		if err != nil {
			return err
		}
		begin = last + 1
	}
	return nil
}

// beginNext reads what follows in the texts of open keys, and gives what large groups
// share of it.
func (s *wholeSort) beginNext() partScan[[]group] {
	samples := make([]group, len(s.large))
	return partScan[[]group]{
		row: func(row int64, cells [][]byte) error {
			if i := s.place[row]; i != noPlace {
				s.readKey(int(i), cells[s.by.column], samples)
			}
			return nil
		},
		end: func() []group {
			found := samples
			samples = make([]group, len(s.large))
			return found
		},
	}
}

func (s *wholeSort) joinSamples(samples []group) error {
	for i := range samples {
		s.large[i].join(samples[i])
	}
	return nil
}

// readKey makes a key of what follows in its text.
func (s *wholeSort) readKey(i int, cell []byte, samples []group) {
	k := &s.keys[i]
	text := cell
	if k.rest&classMask == classNumber {
		text = sortableDecimal(cell)
	}
	text = text[min(int(k.rest&depthMask), len(text)):]
	if large := s.largeOf(i); large >= 0 {
		samples[large].add(text, s.room/samplePart/int64(len(s.large)))
	}
	k.rest &^= openKey
	if s.step == 0 {
		if k.prefix = textPrefix(text); len(text) > wholeText {
			k.rest |= openKey
		}
		return
	}
	if len(text) > s.step {
		k.rest |= openKey
		text = text[:s.step]
	}
	copy(s.windows[k.prefix>>windowShift:], text)
	k.prefix |= uint64(len(text))
}

// largeOf is the large group in which a key stands, or -1. It reads only the groups'
// bounds: what they share is being found out meanwhile.
func (s *wholeSort) largeOf(i int) int {
	at := sort.Search(len(s.large), func(n int) bool { return s.large[n].end > i })
	if at < len(s.large) && s.large[at].begin <= i {
		return at
	}
	return -1
}

// sortGroup sorts a group by its new keys and divides it.
func (s *wholeSort) sortGroup(begin, end int) {
	compare := s.comparePrefix
	if s.step > 0 {
		compare = func(a, b sortKey) int {
			c := s.compareWindows(a, b)
			if c == 0 {
				return s.compareTied(a.row, b.row)
			}
			if s.by.descending {
				c = -c
			}
			return c
		}
	}
	sortAtOnce(s.keys[begin:end], compare)
	depth, step := s.keys[begin].rest&depthMask, uint32(cmp.Or(s.step, wholeText))
	large := s.largeOf(begin)
	s.eachRun(begin, end, func(from, to int) {
		next := depth + step
		if large >= 0 && from == begin && to == end {
			next = depth + max(step, uint32(s.large[large].shared))
		}
		s.setRun(from, to, next)
	})
}

// compareWindows orders a text that ends before one that goes on.
func (s *wholeSort) compareWindows(a, b sortKey) int {
	return cmp.Or(bytes.Compare(s.window(a), s.window(b)), cmp.Compare(a.rest&openKey, b.rest&openKey))
}

func (s *wholeSort) window(k sortKey) []byte {
	begin := k.prefix >> windowShift
	return s.windows[begin : begin+k.prefix&windowMask]
}

// rows gives the rows up, in place of what was held to sort them.
func (s *wholeSort) rows() []uint32 {
	rows := s.place[:0]
	if cap(rows) > len(s.keys)*2 || rows == nil {
		rows = make([]uint32, 0, len(s.keys))
	}
	for _, k := range s.keys {
		rows = append(rows, k.row)
	}
	return rows
}

// sortableDecimal gives bytes that order as exact numbers do, of text that decimal.Is
// accepts: equal for equal numbers.
func sortableDecimal(number []byte) []byte {
	d := decimal.Parse(number)
	const bias = 1 << 40
	out := []byte{byte(d.Sign + 1)}
	if d.Sign == 0 {
		return out
	}
	out = binary.BigEndian.AppendUint64(out, uint64(d.Exponent+bias))
	out = append(out, d.Digits...)
	if d.Sign < 0 { // what is larger comes first, and what is longer
		for i := range out[1:] {
			out[i+1] = ^out[i+1]
		}
		out = append(out, 0xff)
	}
	return out
}
