package index_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"ret/shared/search"
)

// benchWords are 30,000 made-up words, of which the first are frequent.
var benchWords = func() []string {
	r := rand.New(rand.NewPCG(1, 2))
	list := make([]string, 30_000)
	for i := range list {
		b := make([]byte, 3+r.IntN(8))
		for j := range b {
			b[j] = []string{"bcdfghklmnprstvw", "aeiou"}[j%2][r.IntN([]int{16, 5}[j%2])]
		}
		list[i] = string(b)
	}
	return list
}()

func benchWord(r *rand.Rand) string {
	return benchWords[int(float64(len(benchWords))*r.Float64()*r.Float64()*r.Float64())]
}

var benchColumns = []string{"_id", "order", "name", "city", "country", "date", "amount", "quantity", "mail", "text", "state", "code"}

// benchRow is a row of 12 columns, of about 137 bytes.
func benchRow(r *rand.Rand, n int) [][]byte {
	return [][]byte{
		fmt.Append(nil, n+1), fmt.Appendf(nil, "ORD-%08d", r.IntN(1e8)), []byte(benchWord(r) + " " + benchWord(r)), []byte(benchWord(r)),
		[]byte([]string{"at", "de", "ch", "fr", "it"}[r.IntN(5)]), fmt.Appendf(nil, "20%02d-%02d-%02d", r.IntN(26), 1+r.IntN(12), 1+r.IntN(28)),
		fmt.Appendf(nil, "%d.%02d", r.IntN(10000), r.IntN(100)), fmt.Append(nil, r.IntN(100)), []byte(benchWord(r) + "@" + benchWord(r) + ".com"),
		[]byte(benchWord(r) + " " + benchWord(r) + " " + benchWord(r) + " " + benchWord(r) + " " + benchWord(r)),
		[]byte([]string{"open", "shipped", "paid", "returned"}[r.IntN(4)]), fmt.Appendf(nil, "%08x", r.Uint32()),
	}
}

// BenchmarkIndex makes the index of a table and asks it questions of each kind.
func BenchmarkIndex(b *testing.B) {
	const rows = 200_000
	s := newSession(b)
	r := rand.New(rand.NewPCG(3, 4))
	table := s.add(benchColumns, rows, func(n int) [][]byte { return benchRow(r, n) })
	began := time.Now()
	s.update()
	b.Logf("%.0f rows/s, %.2f of the text", rows/time.Since(began).Seconds(), float64(s.folder.IndexShelf().Bytes())/float64(table.Bytes))
	for kind, question := range map[string]func() string{
		"word":      func() string { return benchWord(r) },
		"number":    func() string { return fmt.Sprint(1 + r.IntN(rows)) },
		"prefix":    func() string { return benchWord(r)[:3] + "*" },
		"phrase":    func() string { return `"` + benchWord(r) + " " + benchWord(r) + `"` },
		"substring": func() string { return "*" + benchWord(r)[:3] + "*" },
		"digits":    func() string { return fmt.Sprintf("*%04d*", r.IntN(1e4)) },
		"two words": func() string { return benchWord(r) + " " + benchWord(r) },
		"column":    func() string { return "city:" + benchWord(r) },
	} {
		b.Run(kind, func(b *testing.B) {
			var times []time.Duration
			for b.Loop() {
				q := search.Question{Query: parse(b, question()), Limit: 100}
				began := time.Now()
				if _, err := s.index.Find(b.Context(), q); err != nil {
					b.Fatal(err)
				}
				times = append(times, time.Since(began))
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(times[len(times)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}
