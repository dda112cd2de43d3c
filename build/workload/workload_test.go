package workload

import (
	"bytes"
	"testing"
)

// Both ways of converting do the same job: they find the same rows.
func TestBothConvertersFindTheSameRows(t *testing.T) {
	for _, k := range Kinds {
		if !k.ByHand() {
			continue
		}
		document := k.Document(100_000)
		rows, err := Convert(t.Context(), Input(document))
		if err != nil {
			t.Fatalf("%s: %v", k.Name, err)
		}
		byHand, err := k.ConvertByHand(bytes.NewReader(document))
		if err != nil || byHand != rows || rows < 100 {
			t.Errorf("%s: %d rows by hand, %d by the engine: %v", k.Name, byHand, rows, err)
		}
		encoded, err := Convert(t.Context(), Input(UTF16(document)))
		if err != nil || encoded != rows {
			t.Errorf("%s in UTF-16: %d rows, not %d: %v", k.Name, encoded, rows, err)
		}
	}
}

func TestFlatRecordsAreOfAbout200Bytes(t *testing.T) {
	document := Flat.Document(1_000_000)
	rows, err := Convert(t.Context(), Input(document))
	if size := len(document) / int(max(1, rows)); err != nil || size < 170 || size > 230 {
		t.Errorf("%d bytes a record: %v", size, err)
	}
}
