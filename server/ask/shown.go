package ask

import (
	"strings"
	"unicode/utf8"

	"ret/shared/workspace"
)

// How much of cells the model is shown beside their number: of one, and of all.
const (
	cellBytes  = 240
	shownBytes = 128 << 10
)

// shown keeps what the model was shown, within the bounds.
type shown struct {
	most, cells int64 // that it may be shown, that it was
	bytes       int   // of these
	things      []workspace.Shown
	sources     []source // what it may cite: source n is sources[n-1]
}

// source is something that can be cited.
type source struct {
	citation workspace.Citation
	texts    []string // of its cells, with the query
	rows     int      // of a query's whole result; -1 if it is not whole
}

func newShown(most int64) shown { return shown{most: most} }

// show notes that the model is shown rows of cells, as many as the bounds let through.
func (s *shown) show(thing workspace.Shown, rows [][]*string) *workspace.Shown {
	thing.Rows = [][]*string{}
	for _, row := range rows {
		fitting, ok := s.take(row)
		if !ok {
			thing.Cut = true
			break
		}
		thing.Rows = append(thing.Rows, fitting)
	}
	s.things = append(s.things, thing)
	return &s.things[len(s.things)-1]
}

// take counts the cells of a row, cut to what is shown of each; not ok if there is no
// room for all of them.
func (s *shown) take(row []*string) (fitting []*string, ok bool) {
	var cells int64
	bytes := 0
	fitting = make([]*string, len(row))
	for i, cell := range row {
		if cell == nil {
			continue
		}
		short := shorten(*cell)
		fitting[i], cells, bytes = &short, cells+1, bytes+len(short)
	}
	if s.cells+cells > s.most || s.bytes+bytes > shownBytes {
		return nil, false
	}
	s.cells, s.bytes = s.cells+cells, s.bytes+bytes
	return fitting, true
}

// shorten cuts a long cell and says so.
func shorten(cell string) string {
	cell = strings.ToValidUTF8(cell, "\uFFFD")
	if len(cell) <= cellBytes {
		return cell
	}
	end := cellBytes
	for !utf8.RuneStart(cell[end]) {
		end--
	}
	return cell[:end] + "…"
}

// source makes what was shown last something that can be cited, and returns its number.
func (s *shown) source(c workspace.Citation, texts []string, rows int) int {
	c.Shown = len(s.things) - 1
	s.sources = append(s.sources, source{c, texts, rows})
	return len(s.sources)
}

// left is how many cells may still be shown.
func (s *shown) left() int64 { return s.most - s.cells }
