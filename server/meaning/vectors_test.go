package meaning

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
)

// Stored as a byte a number, vectors are as near to each other as they were.
func TestLikenessOfStoredVectors(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	vector := func() (v []float32) {
		for range 64 {
			v = append(v, float32(r.NormFloat64()))
		}
		return v
	}
	var rows [][]float32
	var stored bytes.Buffer
	if err := putHead(&stored, 64); err != nil {
		t.Fatal(err)
	}
	for i := range 3*blockRows + 7 {
		v := vector()
		if i == 5 {
			v = make([]float32, 64)
		}
		rows = append(rows, v)
		stored.Write(appendVector(nil, v))
	}
	asked := vector()
	q, ok := newQuestion(asked)
	if !ok {
		t.Fatal("the question means nothing")
	}
	next := int64(0)
	err := q.compare(bytes.NewReader(stored.Bytes()), int64(stored.Len()), func(row int64, like float32) {
		if row != next {
			t.Fatalf("row %d after %d", row, next-1)
		}
		if want := cosine(asked, rows[row]); math.Abs(float64(like)-want) > 0.02 {
			t.Errorf("row %d is %v like, want %v", row, like, want)
		}
		next++
	})
	if err != nil || next != int64(len(rows)) {
		t.Errorf("%d rows of %d, %v", next, len(rows), err)
	}
	if _, ok := newQuestion(make([]float32, 64)); ok {
		t.Error("a zero vector means something")
	}
	other, _ := newQuestion(asked[:32])
	if err := other.compare(bytes.NewReader(stored.Bytes()), int64(stored.Len()), nil); err != errOtherLength {
		t.Errorf("vectors of another length: %v", err)
	}
}

func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}

// However many come, the best are kept, in order.
func TestNearest(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	n := nearest{most: 10}
	best := float32(0)
	for row := range int64(5000) {
		like := r.Float32()
		best = max(best, like)
		n.add(found{row: row, like: like})
	}
	got := n.sorted()
	if len(got) != 10 || got[0].like != best {
		t.Fatalf("%+v", got)
	}
	for i := 1; i < len(got); i++ {
		if got[i].like > got[i-1].like {
			t.Errorf("%v before %v", got[i-1].like, got[i].like)
		}
	}
}

func BenchmarkCompare(b *testing.B) {
	const rows, dimensions = 10_000, 256
	v := make([]float32, dimensions)
	for i := range v {
		v[i] = float32(i%17) - 8
	}
	var stored bytes.Buffer
	_ = putHead(&stored, dimensions)
	for range rows {
		stored.Write(appendVector(nil, v))
	}
	q, _ := newQuestion(v)
	b.SetBytes(int64(stored.Len()))
	for b.Loop() {
		sum := float32(0)
		_ = q.compare(bytes.NewReader(stored.Bytes()), int64(stored.Len()), func(_ int64, like float32) { sum += like })
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
