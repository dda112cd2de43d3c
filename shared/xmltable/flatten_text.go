package xmltable

// expectText gets ready for the own text of e.
func (f *flattener) expectText(e *openElement) {
	s := f.scanner
	frame := s.top()
	frame.blanks = frame.blanks || e.place.text >= 0 || len(f.wholes) > 0
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
	if r.size()+f.pending > keptBytes {
		return f.checkLargeRow(r)
	}
	return nil
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
	rule := &f.scanner.rule
	if closed.preserve {
		rule = nil
	}
	switch {
	case e.place.leaf:
		e.row.setRest(e.place.text, e.begin, rule)
	case e.place.markup >= 0 && closed.children:
		e.row.set(e.place.text, stripped(e.whole, rule))
		e.row.around -= len(e.whole)
	case closed.children && closed.own.kept(f.scanner.rule, closed.preserve, true) == 0:
	default:
		e.row.set(e.place.text, stripped(e.text, rule))
	}
}

func stripped(text []byte, rule *layoutRule) []byte {
	if rule == nil {
		return text
	}
	return rule.strip(text)
}

// endMarkup sets the markup column of an element with child elements.
func (f *flattener) endMarkup(e *openElement, closed *frame) error {
	s := f.scanner
	f.wholes = f.wholes[:len(f.wholes)-1]
	if closed.children {
		written := s.buf[closed.start-s.offset : s.contentEnd]
		if len(written) > s.limits.ValueBytes {
			return s.tooLong()
		}
		e.row.set(e.place.markup, written)
		e.row.mixed = append(e.row.mixed, mixedCell{
			text: e.place.text, markup: e.place.markup, tag: closed.tag,
			preserve: closed.preserve, prose: e.place.children == nil,
		})
		e.row.around -= len(written)
		f.gathered += len(written)
		if err := f.checkGathered(); err != nil {
			return err
		}
	}
	if s.keep == closed.start && len(s.outer) == 0 {
		s.keep = -1
	}
	return nil
}
