//go:build !race && !js

package convert_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ret/shared/convert"
)

// What hostile input costs, promised without the race detector and outside of the
// browser: `make costs` runs these.

// TestNamesOfOneKindAreLinear asks for as many names as took minutes when each
// began to count anew: files of one name, and folders where a file has theirs.
func TestNamesOfOneKindAreLinear(t *testing.T) {
	began, n := time.Now(), convert.NewNames()
	const many = 100_000
	for i := range many {
		want := "x.csv"
		if i > 0 {
			want = fmt.Sprintf("x~%d.csv", i+1)
		}
		if got := n.Document("x.xml", []string{"r"}, convert.CSV); got[0] != want {
			t.Fatalf("the name is %s, want %s", got[0], want)
		}
	}
	for i := range many {
		if got := n.Document("x.csv/y.xml", []string{"r"}, convert.CSV); !strings.HasPrefix(got[0], "x.csv~2/y") {
			t.Fatalf("name %d in the folder is %s, want it in x.csv~2", i, got[0])
		}
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("%d names of one kind took %v", 2*many, took)
	}
}
