package opfs

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
)

// A pool file begins with one sector: the mark, the length of the path, the
// path, zeros, and the SHA-256 of all before. Content follows.
const (
	sectorBytes = 4096
	mark        = "RETopfs1"
	pathAt      = len(mark) + 4
	digestAt    = sectorBytes - sha256.Size

	// MaxPathBytes is the most that a path may have.
	MaxPathBytes = digestAt - pathAt
)

var errLongPath = errors.New("path is longer than a header has room for")

// header writes the sector for a path; "" is that of a free file.
func header(path string) ([]byte, error) {
	if len(path) > MaxPathBytes {
		return nil, errLongPath
	}
	sector := make([]byte, sectorBytes)
	copy(sector, mark)
	binary.LittleEndian.PutUint32(sector[len(mark):], uint32(len(path)))
	copy(sector[pathAt:], path)
	digest := sha256.Sum256(sector[:digestAt])
	copy(sector[digestAt:], digest[:])
	return sector, nil
}

// pathOf reads a sector; "" if the file is free or the sector is not whole.
func pathOf(sector []byte) string {
	if len(sector) != sectorBytes || !bytes.HasPrefix(sector, []byte(mark)) {
		return ""
	}
	digest := sha256.Sum256(sector[:digestAt])
	if !bytes.Equal(digest[:], sector[digestAt:]) {
		return ""
	}
	n := binary.LittleEndian.Uint32(sector[len(mark):])
	return string(sector[pathAt : pathAt+int(min(n, uint32(MaxPathBytes)))])
}
