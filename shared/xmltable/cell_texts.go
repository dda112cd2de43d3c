package xmltable

// CellTexts copies the cells of a row out of what they lie in; nil stays absent.
func CellTexts(cells [][]byte) []*string {
	texts := make([]*string, len(cells))
	for i, cell := range cells {
		if cell != nil {
			text := string(cell)
			texts[i] = &text
		}
	}
	return texts
}

// CellBytes is the other way round.
func CellBytes(row []*string) [][]byte {
	cells := make([][]byte, len(row))
	for i, text := range row {
		if text != nil {
			cells[i] = []byte(*text)
		}
	}
	return cells
}
