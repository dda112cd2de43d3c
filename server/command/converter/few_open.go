package converter

import "os"

// mostOpen is how many files of one document's tables are open at once: a document
// may have more tables than a process may have files.
const mostOpen = 64

// fewOpen keeps few of the files of one document open: the one that was opened first
// is closed for another. It is used by one goroutine at a time.
type fewOpen struct{ open []*tableFile }

// tableFile is a tempFile that is opened again when it is needed.
type tableFile struct {
	*tempFile
	few    *fewOpen
	isOpen bool
}

func (few *fewOpen) create(out *output) (*tableFile, error) {
	if err := few.makeRoom(); err != nil {
		return nil, err
	}
	f, err := out.create()
	if err != nil {
		return nil, err
	}
	t := &tableFile{tempFile: f, few: few, isOpen: true}
	few.open = append(few.open, t)
	return t, nil
}

func (few *fewOpen) makeRoom() error {
	if len(few.open) < mostOpen {
		return nil
	}
	return few.open[0].rest()
}

// rest closes the file until it is needed again.
func (t *tableFile) rest() error {
	if !t.isOpen {
		return nil
	}
	t.isOpen = false
	for i, open := range t.few.open {
		if open == t {
			t.few.open = append(t.few.open[:i], t.few.open[i+1:]...)
			break
		}
	}
	return t.tempFile.finish()
}

// wake opens a file that rests.
func (t *tableFile) wake() error {
	if t.isOpen {
		return nil
	}
	if err := t.few.makeRoom(); err != nil {
		return err
	}
	f, err := t.out.temp.OpenFile(t.name, os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return t.out.fault(err)
	}
	t.File, t.isOpen = f, true
	t.few.open = append(t.few.open, t)
	return nil
}

// Write appends to the file.
func (t *tableFile) Write(p []byte) (int, error) {
	if err := t.wake(); err != nil {
		return 0, err
	}
	return t.tempFile.Write(p)
}

// ReadAt implements io.ReaderAt.
func (t *tableFile) ReadAt(p []byte, off int64) (int, error) {
	if err := t.wake(); err != nil {
		return 0, err
	}
	return t.File.ReadAt(p, off)
}

// finish closes the file, so that it can wait for its name.
func (t *tableFile) finish() error { return t.rest() }

// discard removes the file, finished or not.
func (t *tableFile) discard() {
	_ = t.rest()
	t.tempFile.discard()
}
