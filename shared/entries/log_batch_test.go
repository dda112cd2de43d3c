package entries

import (
	"testing"
	"time"
)

func FuzzBatch(f *testing.F) {
	batch := appendEntry(nil, Stored{Key: "a", Value: []byte("1"), StoredAt: time.UnixMilli(5), ExpiresAt: time.UnixMilli(9), Used: 7})
	batch = appendEntry(batch, Stored{Key: "%_\x00", StoredAt: time.UnixMilli(-5)})
	f.Add(batch)
	f.Add(appendEntry(nil, Stored{Key: "empty", Value: []byte{}}))
	f.Add([]byte{1, 0})
	// What is read is written back to the same bytes or, where numbers could have
	// been shorter, to what reads the same; what is damaged is an error.
	f.Fuzz(func(t *testing.T, batch []byte) {
		var again []byte
		for raw, err := range batchEntries(batch) {
			if err != nil {
				return
			}
			e, err := raw.decode()
			if err != nil {
				return
			}
			stored := Stored{Key: string(e.key), Value: e.value, StoredAt: e.storedAt, ExpiresAt: e.expiresAt, Used: e.used}
			one := appendEntry(nil, stored)
			again = append(again, one...)
			for raw, err := range batchEntries(one) {
				if err != nil {
					t.Fatal(err)
				}
				back, err := raw.decode()
				if err != nil || string(back.key) != stored.Key || string(back.value) != string(e.value) ||
					(back.value == nil) != (e.value == nil) || !back.storedAt.Equal(e.storedAt) || !back.expiresAt.Equal(e.expiresAt) || back.used != e.used {
					t.Fatalf("%+v came back as %+v, %v", e, back, err)
				}
			}
		}
		if len(again) > len(batch) {
			t.Errorf("%d bytes became %d", len(batch), len(again))
		}
	})
}
