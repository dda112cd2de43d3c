//go:build !(amd64 || arm64 || wasm)

package xmltable

import "encoding/binary"

// load returns b[i:i+8] as a number, lowest byte first.
func load(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[i:]) }

// store writes what load reads.
func store(b []byte, i int, x uint64) { binary.LittleEndian.PutUint64(b[i:], x) }

func loadWithin(b []byte, i int) uint64 { return load(b, i) }
