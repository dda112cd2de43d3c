package opfs

import "unsafe"

// The functions below are JavaScript's (engine-files.js): the handles stay there,
// known by their number, and bytes go straight between them and Go's memory. They
// catch what the handles throw, since an exception that passes through Go kills
// it, and return a failure as a negative number.
const (
	failedQuota = -2 // every other failure is another negative number
)

//go:wasmimport opfs count
//go:noescape
func jsCount() int32

//go:wasmimport opfs read
//go:noescape
func jsRead(file int32, p unsafe.Pointer, n int32, off float64) int32

//go:wasmimport opfs write
//go:noescape
func jsWrite(file int32, p unsafe.Pointer, n int32, off float64) int32

//go:wasmimport opfs truncate
//go:noescape
func jsTruncate(file int32, size float64) int32

//go:wasmimport opfs flush
//go:noescape
func jsFlush(file int32) int32

//go:wasmimport opfs size
//go:noescape
func jsSize(file int32) float64

// Handles returns the handles that JavaScript opened before this program was
// started; none if it could not.
func Handles() []Handle {
	handles := make([]Handle, jsCount())
	for i := range handles {
		handles[i] = jsHandle(i)
	}
	return handles
}

// jsHandle is a handle's number.
type jsHandle int32

func (h jsHandle) ReadAt(p []byte, off int64) (int, error) {
	n := jsRead(int32(h), unsafe.Pointer(unsafe.SliceData(p)), int32(len(p)), float64(off))
	return int(max(0, n)), failure(n)
}

func (h jsHandle) WriteAt(p []byte, off int64) (int, error) {
	n := jsWrite(int32(h), unsafe.Pointer(unsafe.SliceData(p)), int32(len(p)), float64(off))
	return int(max(0, n)), failure(n)
}

func (h jsHandle) Truncate(size int64) error { return failure(jsTruncate(int32(h), float64(size))) }

func (h jsHandle) Flush() error { return failure(jsFlush(int32(h))) }

func (h jsHandle) Size() (int64, error) {
	size := jsSize(int32(h))
	return int64(max(0, size)), failure(int32(min(0, size)))
}

func failure(code int32) error {
	switch {
	case code >= 0:
		return nil
	case code == failedQuota:
		return ErrQuota
	default:
		return ErrLost
	}
}
