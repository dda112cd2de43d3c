//go:build amd64 || arm64 || wasm

package xmltable

import "unsafe"

// load returns b[i:i+8] as a number, lowest byte first. It is what
// binary.LittleEndian.Uint64 does; but under wasm the compiler takes that for too
// large to be inlined, and a call costs more there than all the rest.
func load(b []byte, i int) uint64 {
	_ = b[i+7]
	return *(*uint64)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), i))
}

// store writes what load reads.
func store(b []byte, i int, x uint64) {
	_ = b[i+7]
	*(*uint64)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), i)) = x
}

// loadWithin is load where the caller knows that b[i:i+8] is within b.
func loadWithin(b []byte, i int) uint64 {
	return *(*uint64)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), i))
}
