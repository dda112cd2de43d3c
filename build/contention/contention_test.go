package contention_test

import (
	"os/exec"
	"runtime"
	"testing"

	"ret/build/contention"
)

// Beside a busy loop on each processor work takes about twice as long as beside none; what
// else runs on the machine makes both longer.
func TestFactor(t *testing.T) {
	alone := contention.Factor()
	for range runtime.NumCPU() {
		loop := exec.Command("sh", "-c", "while :; do :; done")
		if err := loop.Start(); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = loop.Process.Kill(); _ = loop.Wait() }()
	}
	beside := contention.Factor()
	t.Logf("%.2f alone, %.2f beside busy loops", alone, beside)
	if alone < 1 || beside < 1.4 {
		t.Errorf("%.2f alone, %.2f beside busy loops", alone, beside)
	}
}
