package xlsx

import (
	"bytes"
	"context"
	"regexp"
	"unicode/utf16"
	"unicode/utf8"

	"ret/shared/fault"
)

// survey says which columns are numeric, and refuses texts that Excel would cut.
func survey(ctx context.Context, s Sheet) (numeric []bool, err error) {
	numeric = make([]bool, len(s.Table.Columns))
	for i := range numeric {
		numeric[i] = true
	}
	for _, name := range s.Table.Columns {
		if tooLong([]byte(name)) {
			return nil, fault.New(fault.TooLarge, "The table %s has a column whose name is over %d characters, which Excel cannot hold. Use CSV instead.", s.Name, maxCellUnits)
		}
	}
	err = s.Table.Each(ctx, func(_ int64, cells [][]byte) error {
		for i, cell := range cells {
			if cell == nil {
				continue
			}
			if tooLong(cell) {
				return errTooLong(s, s.Table.Columns[i])
			}
			numeric[i] = numeric[i] && roundTrips(cell)
		}
		return nil
	})
	return numeric, err
}

func errTooLong(s Sheet, column string) error {
	return fault.New(fault.TooLarge, "The column %s of the table %s holds a text of more than %d characters, which Excel cannot hold. Use CSV instead.", column, s.Name, maxCellUnits)
}

func tooLong(text []byte) bool {
	if len(text) <= maxCellUnits {
		return false
	}
	units := 0
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		units += utf16.RuneLen(r)
		text = text[size:]
	}
	return units > maxCellUnits
}

var number = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,14})?$`)

const maxDigits = 15 // that Excel keeps

// roundTrips reports whether a text, read as a number, is shown as the same text.
func roundTrips(text []byte) bool {
	if len(text) == 0 || len(text) > maxDigits+2 || !number.Match(text) {
		return false
	}
	point := bytes.IndexByte(text, '.')
	digits := len(bytes.TrimPrefix(text, []byte{'-'}))
	if point >= 0 {
		digits--
	}
	return digits <= maxDigits && (point < 0 || text[len(text)-1] != '0') && string(text) != "-0"
}
