package page

import "testing"

// The bar moves within one large file, never says all before all is done, and never
// less than the files that are done.
func TestShareOfAJob(t *testing.T) {
	for _, c := range []struct {
		p    Progress
		want float64
	}{
		{Progress{}, 0},
		{Progress{Total: 1, BytesDone: 25, BytesTotal: 100}, 0.25},
		{Progress{Total: 1, BytesDone: 100, BytesTotal: 100}, 0.99},
		{Progress{Done: 1, Total: 1, BytesDone: 25, BytesTotal: 100}, 1},
		{Progress{Done: 3, Total: 4, BytesDone: 25, BytesTotal: 100}, 0.75},
		{Progress{Done: 1, Total: 4}, 0.25},
	} {
		if got := c.p.Share(); got != c.want {
			t.Errorf("%+v: %v, want %v", c.p, got, c.want)
		}
	}
}
