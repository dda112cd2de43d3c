package system

import (
	"testing"
	"time"
)

// Four times the documents in one job take at most five times as long to convert and
// to export. TestExportFollowsIndexes holds the same by what is read.
func TestFourTimesTheDocuments(t *testing.T) {
	if !soak {
		t.Log("only under RET_SOAK=1: it is measured on a quiet machine")
		return
	}
	few, fewExport := convertAndExport(t, 5_000)
	many, manyExport := convertAndExport(t, 20_000)
	t.Logf("convert %v and %v, export %v and %v", few, many, fewExport, manyExport)
	if many > 5*few {
		t.Errorf("converting took %v and then %v", few, many)
	}
	if manyExport > 5*fewExport {
		t.Errorf("exporting took %v and then %v", fewExport, manyExport)
	}
}

func convertAndExport(t *testing.T, documents int) (convert, export time.Duration) {
	t.Helper()
	who := admin(t, start(t))
	input := manyBooks(t, documents, 2)
	began := time.Now()
	done := who.convert("", file{"books.zip", input})
	convert = time.Since(began)
	began = time.Now()
	if files := who.exported(t, "", done); len(files) != documents+1 {
		t.Fatalf("%d files in the export of %d documents", len(files), documents)
	}
	return convert, time.Since(began)
}
