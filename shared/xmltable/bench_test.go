package xmltable_test

import (
	"bytes"
	"testing"

	"ret/build/workload"
	"ret/shared/xmltable"
)

// These are for profiles; `make bench ONLY=xml` measures, beside rivals.

// Each document is about workloadBytes long.
const workloadBytes = 8 << 20

// Both passes and the CSV.
func BenchmarkConvert(b *testing.B) {
	for _, kind := range workload.Kinds {
		document := kind.Document(workloadBytes)
		b.Run(kind.Name, func(b *testing.B) { benchmarkConvert(b, document) })
		if kind.Name == workload.Flat.Name {
			b.Run("flat-utf16", func(b *testing.B) { benchmarkConvert(b, workload.UTF16(document)) })
		}
	}
}

func benchmarkConvert(b *testing.B, document []byte) {
	b.SetBytes(int64(len(document)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := workload.Convert(b.Context(), workload.Input(document)); err != nil {
			b.Fatal(err)
		}
	}
}

// The first pass alone.
func BenchmarkScan(b *testing.B) {
	for _, kind := range workload.Kinds {
		in := workload.Input(kind.Document(workloadBytes))
		b.Run(kind.Name, func(b *testing.B) {
			b.SetBytes(in.Size)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := xmltable.Scan(b.Context(), in, xmltable.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Many documents of one record each: what a document costs.
func BenchmarkSmallDocuments(b *testing.B) {
	documents, converter := workload.Flat.SmallDocuments(100), workload.NewConverter()
	b.SetBytes(int64(len(documents[0])))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := converter.Convert(b.Context(), workload.Input(documents[i%len(documents)])); err != nil {
			b.Fatal(err)
		}
	}
}

// The same by hand.
func BenchmarkSmallDocumentsByHand(b *testing.B) {
	documents := workload.Flat.SmallDocuments(100)
	b.SetBytes(int64(len(documents[0])))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := workload.Flat.ConvertByHand(bytes.NewReader(documents[i%len(documents)])); err != nil {
			b.Fatal(err)
		}
	}
}

// The rival.
func BenchmarkByHand(b *testing.B) {
	document := workload.Flat.Document(workloadBytes)
	b.SetBytes(int64(len(document)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := workload.Flat.ConvertByHand(bytes.NewReader(document)); err != nil {
			b.Fatal(err)
		}
	}
}

// One large document, on all processors.
func BenchmarkLarge(b *testing.B) {
	document := workload.Flat.Document(8 * workloadBytes)
	b.SetBytes(int64(len(document)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := workload.ConvertLarge(b.Context(), workload.Input(document)); err != nil {
			b.Fatal(err)
		}
	}
}
