package xlsx

import (
	"bytes"
	"context"
	"regexp"

	"ret/shared/fault"
)

// survey says which columns are numeric, and which texts are too long for a cell,
// in order.
func survey(ctx context.Context, s Sheet) (numeric []bool, long []longText, err error) {
	numeric = make([]bool, len(s.Table.Columns))
	for i := range numeric {
		numeric[i] = true
	}
	for _, name := range s.Table.Columns {
		if pieces([]byte(name)) > 1 {
			return nil, nil, fault.New(fault.TooLarge, "The table %.100s has a column whose name is over %d characters, which Excel cannot hold. Use CSV instead.", s.Name, maxCellUnits)
		}
	}
	err = s.Table.Each(ctx, func(row int64, cells [][]byte) error {
		for i, cell := range cells {
			if cell == nil {
				continue
			}
			numeric[i] = numeric[i] && isNumeric(cell)
			if n := pieces(cell); n > 1 {
				if len(long) == maxRows {
					return fault.New(fault.TooLarge, "The table %.100s has more texts of over %d characters than Excel can hold. Use CSV instead.", s.Name, maxCellUnits)
				}
				long = append(long, longText{table: s.Table, name: s.Name, row: row, column: i, parts: n})
			}
		}
		return nil
	})
	return numeric, long, err
}

var number = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`)

const maxDigits = 15 // that Excel keeps

// isNumeric reports whether Excel, told how many decimals there are, shows a text
// that it takes for a number as the same text.
func isNumeric(text []byte) bool {
	if len(text) == 0 || len(text) > maxDigits+2 || !number.Match(text) {
		return false
	}
	digits, zero := 0, true
	for _, b := range text {
		if '0' <= b && b <= '9' {
			digits++
			zero = zero && b == '0'
		}
	}
	return digits <= maxDigits && !(zero && text[0] == '-')
}

// decimals is how many digits stand behind the point.
func decimals(text []byte) int {
	point := bytes.IndexByte(text, '.')
	if point < 0 {
		return 0
	}
	return len(text) - point - 1
}
