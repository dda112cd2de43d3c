package app

import (
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"ret/server/config"
)

// What jobs may take together: half of the machine's memory, or of the container's,
// within these bounds.
const (
	leastJobMemory = 256 << 20
	mostJobMemory  = 4 << 30
	besideJobs     = 256 << 20 // requests, open sessions
)

// jobMemory is the budget that jobs share.
func jobMemory() int64 { return min(mostJobMemory, max(leastJobMemory, machineMemory()/2)) }

// limitMemory has the garbage collector keep the process near what its jobs and
// caches may take. Whoever sets GOMEMLIMIT knows better.
func limitMemory(cfg config.Config) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(jobMemory() + cfg.CacheMaxBytes + besideJobs)
	}
}

// machineMemory is what this process can have, in bytes; 0 where that cannot be
// told.
func machineMemory() int64 {
	total := int64(0)
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		total = memTotal(string(text))
	}
	if text, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil {
		if limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && (total == 0 || limit < total) {
			total = limit
		}
	}
	return total
}

// memTotal reads the first line of /proc/meminfo: "MemTotal:  16384 kB".
func memTotal(meminfo string) int64 {
	for line := range strings.Lines(meminfo) {
		if rest, ok := strings.CutPrefix(line, "MemTotal:"); ok {
			kib, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kib << 10
		}
	}
	return 0
}
