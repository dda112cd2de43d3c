package converter

import (
	"io"
	"unsafe"

	"ret/shared/convert"
	"ret/shared/fault"
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

//go:wasmimport drop forget
//go:noescape
func jsForget(table int32)

//go:wasmimport drop finish
//go:noescape
func jsFinish(p unsafe.Pointer, n int32) int32

// Dropped is the page's file of a number.
func Dropped(number int32, id, name string) File {
	return File{ID: id, Name: name, Size: int64(jsSize(number)), Content: dropped(number)}
}

// Content is what the worker that leads has open by a number.
func Content(number int32) io.ReaderAt { return dropped(number) }

// Saving writes a table of a number into the page's memory.
func Saving(number int32) io.Writer { return saving(number) }

type saving int32

func (s saving) Write(p []byte) (int, error) {
	if err := (page{}).Write(int32(s), p); err != nil {
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

// Page is the Host of a worker; show takes its progress.
func Page(show func(convert.Progress)) Host { return page{show} }

type page struct{ show func(convert.Progress) }

func (page) Write(table int32, p []byte) error {
	return failure(jsWrite(table, unsafe.Pointer(unsafe.SliceData(p)), int32(len(p))))
}

func (page) Drop(table int32) { jsForget(table) }

func (page) Finish(lines []byte) error {
	return failure(jsFinish(unsafe.Pointer(unsafe.SliceData(lines)), int32(len(lines))))
}

func (p page) Progress(now convert.Progress) { p.show(now) }

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
