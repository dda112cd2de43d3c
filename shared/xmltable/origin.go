package xmltable

// An origin follows where in its document the text of a window comes from, and how
// many line breaks were before it. Each byte is looked at once.
type origin struct {
	stretches []stretch // of what is in the window and may be asked for
	taken     int64     // bytes of the document that have become text, from its start
	breaks    int64     // line breaks before countedTo
	countedTo int64     // an offset of text
}

// A stretch is text that comes from one place on, up to where the next one begins.
type stretch struct {
	text int64 // its offset
	at   int64 // where it begins in the document
	bent bool  // line ends in it were made shorter
}

// beginAt begins anew where the text of a document, or of a piece of it, begins.
func (o *origin) beginAt(at int64) *origin {
	*o = origin{stretches: append(o.stretches[:0], stretch{at: at}), taken: at}
	return o
}

// took notes that so many bytes of the document have become w.buf[start:end].
func (o *origin) took(w *window, start, bytes int) {
	bent := w.end-start != bytes
	if last := o.stretches[len(o.stretches)-1]; bent || last.bent {
		o.begin(stretch{w.offset + int64(start), o.taken, bent})
	}
	o.taken += int64(bytes)
}

func (o *origin) begin(s stretch) {
	if n := len(o.stretches); o.stretches[n-1].text == s.text {
		o.stretches = o.stretches[:n-1]
	}
	o.stretches = append(o.stretches, s)
}

// forget is called before the first n bytes leave the window.
func (o *origin) forget(w *window, n int) {
	o.breaksBefore(w, n)
	for len(o.stretches) > 1 && o.stretches[1].text <= w.offset+int64(n) {
		o.stretches = o.stretches[1:]
	}
}

// jump is called before the window goes on at another place of the document.
func (o *origin) jump(w *window, at int64) {
	o.breaksBefore(w, w.end)
	o.taken = at - int64(len(w.held))
	o.begin(stretch{text: w.offset + int64(w.end), at: o.taken})
}

// breaksBefore counts the line breaks before buf[i], which is never before what was
// asked for last.
func (o *origin) breaksBefore(w *window, i int) int64 {
	if from := int(o.countedTo - w.offset); from < i {
		o.breaks += int64(lineEnds(w.buf[from:i]))
		o.countedTo = w.offset + int64(i)
	}
	return o.breaks
}

// of gives the place of an offset of text as the document's bytes from a place on,
// and how much text comes between that place and it.
func (o *origin) of(text int64) (at, skip int64) {
	i := len(o.stretches) - 1
	for i > 0 && o.stretches[i].text > text {
		i--
	}
	s := o.stretches[i]
	if s.bent {
		return s.at, text - s.text
	}
	return s.at + text - s.text, 0
}
