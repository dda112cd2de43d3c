package converter

import (
	"io"
	"unsafe"

	"ret/shared/convert"
	"ret/shared/fault"
	"ret/shared/seal"
)

// The functions below are JavaScript's (convert-files.js). Bytes go straight
// between the page's files and Go's memory; what goes wrong comes back as a
// negative number, since an exception that passes through Go kills it.
const failedQuota = -2 // every other failure is another negative number

//go:wasmimport drop size
//go:noescape
func jsSize(file int32) float64

//go:wasmimport drop read
//go:noescape
func jsRead(file int32, p unsafe.Pointer, n int32, off float64) int32

//go:wasmimport drop write
//go:noescape
func jsWrite(table int32, p unsafe.Pointer, n int32) int32

//go:wasmimport drop finish
//go:noescape
func jsFinish(p unsafe.Pointer, n int32) int32

// Dropped is the page's file of a number.
func Dropped(number int32, id, name string) File {
	return File{ID: id, Name: name, Size: int64(jsSize(number)), Content: dropped(number)}
}

// Content is what a conversion has made and the worker that leads has open by a
// number, as NewPage has kept it.
func Content(number int32, key *seal.Key) io.ReaderAt {
	part, err := key.Open(dropped(number), int64(jsSize(number)), nil)
	if err != nil {
		return unreadable{}
	}
	return part
}

// unreadable stands for tables that were changed or cut off.
type unreadable struct{}

func (unreadable) ReadAt([]byte, int64) (int, error) { return 0, errManifest }

// Saving writes a table of a number into the page's memory.
func Saving(number int32) io.Writer { return saving(number) }

type saving int32

func (s saving) Write(p []byte) (int, error) {
	if err := failure(jsWrite(int32(s), unsafe.Pointer(unsafe.SliceData(p)), int32(len(p)))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// dropped reads a file by its number.
type dropped int32

func (d dropped) ReadAt(p []byte, off int64) (int, error) {
	n := jsRead(int32(d), unsafe.Pointer(unsafe.SliceData(p)), int32(len(p)), float64(off))
	switch {
	case n < 0:
		return 0, fault.New(fault.Unavailable, "The browser cannot read the file any more. Drop it again.")
	case int(n) < len(p):
		return int(n), io.EOF
	default:
		return int(n), nil
	}
}

// tablesNumber is what JavaScript knows the file of all tables by.
const tablesNumber = 0

// Page is the Host of a worker. The tables go into one file, encrypted.
type Page struct {
	*Tables
	show func(convert.Progress)
}

// NewPage makes the Host of a worker; show takes its progress.
func NewPage(key *seal.Key, show func(convert.Progress)) (Page, error) {
	tables, err := NewTables(Saving(tablesNumber), key)
	return Page{tables, show}, err
}

// Finish implements Host.
func (Page) Finish(lines []byte) error {
	return failure(jsFinish(unsafe.Pointer(unsafe.SliceData(lines)), int32(len(lines))))
}

// Progress implements Host.
func (p Page) Progress(now convert.Progress) { p.show(now) }

func failure(code int32) error {
	switch {
	case code >= 0:
		return nil
	case code == failedQuota:
		return fault.New(fault.NoSpace, "This browser has no room for the tables. Free some space on this computer's disk.")
	default:
		return fault.New(fault.Unavailable, "The browser did not take the tables. Please try again.")
	}
}
