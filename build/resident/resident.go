// Package resident says how much memory processes have had at once. What the
// kernel accounts to a process that has ended counts the memory of whoever started
// it, so a running process is looked at instead.
package resident

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// lookEvery is how often Run looks. The kernel remembers the most itself, so only
// what grows in a process's last moments can be missed.
const lookEvery = 5 * time.Millisecond

// Peak is the most bytes that a running process has had in memory; 0 if there is
// no such process.
func Peak(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	var kibibytes int64
	if _, line, found := strings.Cut(string(status), "VmHWM:"); found {
		_, _ = fmt.Sscan(line, &kibibytes) // a process that has ended has no number
	}
	return kibibytes << 10
}

// Run runs a command and returns the most bytes that it had in memory, and all
// that it wrote.
func Run(cmd *exec.Cmd) (peak int64, output []byte, err error) {
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		return 0, nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	looks := time.NewTicker(lookEvery)
	defer looks.Stop()
	for {
		select {
		case err := <-ended:
			return peak, said.Bytes(), err
		case <-looks.C:
			peak = max(peak, Peak(cmd.Process.Pid))
		}
	}
}
