package xmltable

// expectText gets ready for the own text of e.
func (f *flattener) expectText(e *openElement) {
	s := f.scanner
	frame := s.top()
	frame.blanks = frame.preserve || e.place.text >= 0 || len(f.wholes) > 0
	e.begin = len(e.row.bytes)
	if e.place.markup < 0 {
		return
	}
	f.wholes = append(f.wholes, len(f.open)-1)
	if s.keep < 0 && len(s.outer) == 0 {
		s.keep = frame.start
	}
}

// text adds a piece of text to all that it belongs to.
func (f *flattener) text() error {
	s := f.scanner
	if err := s.noteText(); err != nil {
		return err
	}
	e := &f.open[len(f.open)-1]
	switch {
	case e.place.text < 0:
	case e.place.leaf:
		e.row.bytes = append(e.row.bytes, s.text...)
	default:
		e.text = append(e.text, s.text...)
		f.pending += len(s.text)
	}
	if err := f.checkRow(e.row); err != nil {
		return err
	}
	if len(f.wholes) == 0 {
		return nil
	}
	return f.addToWholes(s.text)
}

// addToWholes adds a piece of text to the whole texts of the open elements.
func (f *flattener) addToWholes(text []byte) error {
	for _, i := range f.wholes {
		w := &f.open[i]
		w.whole = append(w.whole, text...)
		if len(w.whole) > f.scanner.limits.ValueBytes {
			return f.scanner.tooLong()
		}
	}
	f.gathered += len(text) * len(f.wholes)
	return f.checkGathered()
}

// checkRow bounds what the open rows can take in memory: each value is within its
// limit, but there may be many.
func (f *flattener) checkRow(r *row) error {
	if r.size()+f.pending <= keptBytes {
		return nil
	}
	return f.checkLargeRow(r)
}

func (f *flattener) checkLargeRow(r *row) error {
	limit := f.scanner.limits.rowBytes()
	if r.size()+f.pending <= limit {
		return nil
	}
	f.scanner.fail(f.scanner.pos, "the values of a row are together over the limit of %d bytes", limit)
	return f.scanner.err
}

// checkGathered bounds what mixed elements within mixed elements, each of which
// holds the text and markup of all below it, can take in memory.
func (f *flattener) checkGathered() error {
	limit := f.scanner.limits.gatheredBytes()
	if f.gathered <= limit {
		return nil
	}
	f.scanner.fail(f.scanner.pos, "the nested mixed contents of a row are together over the limit of %d bytes", limit)
	return f.scanner.err
}

// endText sets the text column, by the rules of docs/flattening.md, section 3.
func (f *flattener) endText(e *openElement, closed *frame) {
	switch {
	case e.place.leaf:
		e.row.setRest(e.place.text, e.begin, !closed.preserve)
	case !closed.own.some && closed.children:
	default:
		text := e.text
		if e.place.markup >= 0 && closed.children {
			text = e.whole
			if !closed.own.solid && !blank(text) {
				e.row.unsolid++
			}
		}
		if !closed.preserve {
			text = trim(text)
		}
		e.row.set(e.place.text, text)
		if e.place.markup >= 0 && closed.children {
			e.row.gathered += len(text)
		}
	}
}

// endMarkup sets the markup column of an element with own text and children.
func (f *flattener) endMarkup(e *openElement, closed *frame) error {
	s := f.scanner
	f.wholes = f.wholes[:len(f.wholes)-1]
	if closed.own.some && closed.children {
		written := s.buf[closed.start-s.offset : s.contentEnd]
		if len(written) > s.limits.ValueBytes {
			return s.tooLong()
		}
		e.row.set(e.place.markup, written)
		f.gathered += len(written)
		e.row.gathered += len(written)
		if err := f.checkGathered(); err != nil {
			return err
		}
	}
	if s.keep == closed.start && len(s.outer) == 0 {
		s.keep = -1
	}
	return nil
}
