package archive

import (
	"archive/zip"
	"encoding/binary"
	"hash/crc32"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// memberNames gives the names of an archive's files in UTF-8, with "/" between
// folders; "" for what is a folder itself. Names that are not UTF-8 are read
// together, because one name alone tells too little of its encoding.
func memberNames(members []member) []string {
	names := make([]string, len(members))
	var others []string // as written
	var at []int
	for i, m := range members {
		names[i] = m.name
		if !utf8.ValidString(m.name) {
			others, at = append(others, m.name), append(at, i)
		}
	}
	for i, name := range decodeNames(others) {
		names[at[i]] = name
	}
	withFolders(names)
	for i, m := range members {
		if m.isFolder {
			names[i] = ""
		}
	}
	return names
}

// withFolders takes "\" for "/" where no name has a "/".
func withFolders(names []string) {
	for _, name := range names {
		if strings.Contains(name, "/") {
			return
		}
	}
	for i := range names {
		names[i] = strings.ReplaceAll(names[i], `\`, "/")
	}
}

// unicodePath is the name that a ZIP holds beside the usual one: in UTF-8, with a
// checksum of the usual one, which an ignorant program may have changed
// (APPNOTE.TXT, section 4.6.9).
func unicodePath(f *zip.File) (string, bool) {
	for extra := f.Extra; len(extra) >= 4; {
		id, n := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		if extra = extra[4:]; n > len(extra) {
			break
		}
		if field := extra[:n]; id == 0x7075 && n > 5 && field[0] == 1 {
			right := binary.LittleEndian.Uint32(field[1:]) == crc32.ChecksumIEEE([]byte(f.Name))
			return string(field[5:]), right && utf8.Valid(field[5:])
		}
		extra = extra[n:]
	}
	return "", false
}

// decodeNames reads names by the first encoding that fits all of them.
func decodeNames(names []string) []string {
	if len(names) == 0 {
		return nil
	}
	for _, try := range []func([]string) ([]string, bool){decodeShiftJIS, decodeGBK, decodeWindows1252} {
		if decoded, fits := try(names); fits {
			return decoded
		}
	}
	return decodeAll(charmap.CodePage437, names)
}

// decodeAll reads a code page in which every byte has a character.
func decodeAll(e encoding.Encoding, names []string) []string {
	decoded := make([]string, len(names))
	for i, name := range names {
		text, err := e.NewDecoder().String(name)
		if err != nil {
			text = strings.ToValidUTF8(name, "_")
		}
		decoded[i] = text
	}
	return decoded
}

func decodeWindows1252(names []string) ([]string, bool) {
	decoded := decodeAll(charmap.Windows1252, names)
	for _, name := range decoded {
		for _, r := range name {
			if r >= utf8.RuneSelf && !unicode.IsLetter(r) {
				return nil, false
			}
		}
	}
	return decoded, true
}

func decodeShiftJIS(names []string) ([]string, bool) {
	return decodeRows(names, japanese.ShiftJIS, shiftJISRow, 8, 47)
}

func decodeGBK(names []string) ([]string, bool) {
	return decodeRows(names, simplifiedchinese.GBK, gbRow, 9, 55)
}

// The rows of kana, and the first of the ideographs of level 1, in JIS X 0208 and
// GB 2312 alike.
const (
	hiraganaRow  = 4
	katakanaRow  = 5
	ideographRow = 16
)

// decodeRows reads names of two bytes a character. They fit if they hold only
// ASCII, the rows up to symbols and from ideographRow up to ideographs, and
// somewhere two of these in a row of which one is kana or an ideograph: any bytes
// make sense as some rare characters, but seldom as two such together.
func decodeRows(names []string, e encoding.Encoding, rowOf func(lead, trail byte) int, symbols, ideographs int) ([]string, bool) {
	pair := false
	for _, name := range names {
		before, beforeIsWord := false, false
		for i := 0; i < len(name); i++ {
			if name[i] < utf8.RuneSelf {
				before = false
				continue
			}
			if i+1 == len(name) {
				return nil, false
			}
			row := rowOf(name[i], name[i+1])
			if row < 1 || row > symbols && row < ideographRow || row > ideographs {
				return nil, false
			}
			isWord := row == hiraganaRow || row == katakanaRow || row >= ideographRow
			pair = pair || before && (isWord || beforeIsWord)
			before, beforeIsWord = true, isWord
			i++
		}
	}
	if !pair {
		return nil, false
	}
	decoded := decodeAll(e, names)
	for _, name := range decoded {
		if strings.ContainsRune(name, utf8.RuneError) {
			return nil, false
		}
	}
	return decoded, true
}

// shiftJISRow is the row of JIS X 0208, 0 for what is none.
func shiftJISRow(lead, trail byte) int {
	row := 0
	switch {
	case 0x81 <= lead && lead <= 0x9F:
		row = 2*int(lead-0x81) + 1
	case 0xE0 <= lead && lead <= 0xEF:
		row = 2*int(lead-0xC1) + 1
	default:
		return 0
	}
	switch {
	case trail < 0x40 || trail == 0x7F || trail > 0xFC:
		return 0
	case trail >= 0x9F:
		row++
	}
	return row
}

// gbRow is the row of GB 2312, 0 for what is none.
func gbRow(lead, trail byte) int {
	if lead < 0xA1 || trail < 0xA1 || trail > 0xFE {
		return 0
	}
	return int(lead - 0xA0)
}
