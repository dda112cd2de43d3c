package archive_test

import (
	"archive/zip"
	"encoding/binary"
	"hash/crc32"
)

type zipHeader = zip.FileHeader

// unicodePathField is the extra field by which a ZIP gives a name in UTF-8 too.
func unicodePathField(of, name string) []byte {
	field := binary.LittleEndian.AppendUint16(nil, 0x7075)
	field = binary.LittleEndian.AppendUint16(field, uint16(5+len(name)))
	field = append(field, 1)
	field = binary.LittleEndian.AppendUint32(field, crc32.ChecksumIEEE([]byte(of)))
	return append(field, name...)
}
