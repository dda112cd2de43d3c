package archive

import (
	"bytes"
	"strconv"
	"strings"
)

// format is what a file is by its first bytes.
type format uint8

const (
	plain format = iota
	zipFormat
	sevenZipFormat
	tarFormat
	gzipFormat
	bzip2Format
	xzFormat
	zstdFormat
)

// formatNames are for a person.
var formatNames = map[format]string{
	zipFormat: "ZIP", sevenZipFormat: "7z", tarFormat: "tar",
	gzipFormat: "gzip", bzip2Format: "bzip2", xzFormat: "xz", zstdFormat: "zstd",
}

// suffixes are those by which a file claims to be an archive or packed.
var suffixes = map[string]format{
	".zip": zipFormat, ".7z": sevenZipFormat, ".tar": tarFormat,
	".gz": gzipFormat, ".tgz": gzipFormat, ".bz2": bzip2Format, ".tbz2": bzip2Format, ".tbz": bzip2Format,
	".xz": xzFormat, ".txz": xzFormat, ".zst": zstdFormat, ".tzst": zstdFormat,
}

// packings are the suffixes that are added to a file's own.
var packings = map[string]bool{".gz": true, ".bz2": true, ".xz": true, ".zst": true}

// holdsOne reports whether the format packs one file, rather than many.
func (f format) holdsOne() bool { return f >= gzipFormat }

func formatOf(head []byte) format {
	has := func(mark string) bool { return bytes.HasPrefix(head, []byte(mark)) }
	switch {
	case looksLikeZip(head):
		return zipFormat
	case has("7z\xBC\xAF\x27\x1C"):
		return sevenZipFormat
	case has("\x1F\x8B\x08"):
		return gzipFormat
	case has("BZh") && len(head) >= 10 && '1' <= head[3] && head[3] <= '9' &&
		(has(string(head[:4])+"1AY&SY") || has(string(head[:4])+"\x17\x72\x45\x38\x50\x90")):
		return bzip2Format
	case has("\xFD7zXZ\x00"):
		return xzFormat
	case has("\x28\xB5\x2F\xFD"), len(head) >= 4 && head[0]&0xF0 == 0x50 && bytes.Equal(head[1:4], []byte("\x2A\x4D\x18")):
		return zstdFormat
	case looksLikeTar(head):
		return tarFormat
	}
	return plain
}

const tarBlock = 512

// looksLikeTar checks the sum in a tar's first header, which old ones have where
// they have no mark.
func looksLikeTar(head []byte) bool {
	if len(head) < tarBlock || head[0] == 0 {
		return false
	}
	want, err := strconv.ParseInt(strings.Trim(string(head[148:156]), " \x00"), 8, 64)
	if err != nil {
		return false
	}
	var sum int64
	for i, c := range head[:tarBlock] {
		if 148 <= i && i < 156 {
			c = ' '
		}
		sum += int64(c)
	}
	return sum == want
}
