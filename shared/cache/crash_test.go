//go:build !js

package cache_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ret/shared/cache"
	"ret/shared/sqlite"
	"ret/shared/sqlite/faultvfs"
)

// writersOf starts callers that each count up keys of their own, every third
// time by way of a deletion, and tells answered of what was answered.
func writersOf(c *cache.Cache, set func(key, value string) error, answered func(key string, n int), stop <-chan struct{}) *sync.WaitGroup {
	var writers sync.WaitGroup
	for w := range 8 {
		writers.Go(func() {
			for n := 1; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				key := fmt.Sprintf("writer%d:%d", w, n%7)
				if set(key, strconv.Itoa(n)) != nil {
					return
				}
				answered(key, n)
			}
		})
	}
	return &writers
}

// checkAnswered opens what is left at path and looks for all that was answered.
func checkAnswered(t *testing.T, path string, answered map[string]int) {
	t.Helper()
	w := openOn(t, path, sqlite.Config{})
	defer w.Close()
	c := cache.New(cache.NewMemory(none), w.Entries(), cache.Options{})
	defer c.Close()
	for key, n := range answered {
		e, ok := c.Get(t.Context(), key)
		if got, _ := strconv.Atoi(string(e.Value)); !ok || got < n {
			t.Errorf("%s is %q, %v; %d was answered", key, e.Value, ok, n)
		}
	}
}

const crashFolder = "RET_TEST_CRASH_FOLDER"

// TestKilledProcessLosesNothingAnswered starts this test again as a process that
// writes and says what was answered, and kills it in the middle.
func TestKilledProcessLosesNothingAnswered(t *testing.T) {
	if folder := os.Getenv(crashFolder); folder != "" {
		writeUntilKilled(t, folder)
		return
	}
	for round := range 3 {
		folder := t.TempDir()
		answered := killAfter(t, folder, 200+300*round)
		checkAnswered(t, filepath.Join(folder, "workspace.db"), answered)
	}
}

func writeUntilKilled(t *testing.T, folder string) {
	w := openOn(t, filepath.Join(folder, "workspace.db"), sqlite.Config{})
	c := cache.New(cache.NewMemory(roomy), w.Entries(), cache.Options{})
	var mu sync.Mutex
	writersOf(c, func(key, value string) error {
		return c.Set(t.Context(), key, []byte(value), 0)
	}, func(key string, n int) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Printf("answered %s %d\n", key, n)
	}, nil).Wait()
}

// killAfter kills the writing process once it has said so many answers, and
// returns all that it said.
func killAfter(t *testing.T, folder string, answers int) map[string]int {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), crashFolder+"="+folder)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	answered := make(map[string]int)
	lines := bufio.NewScanner(out)
	for said := 0; lines.Scan(); {
		var key string
		var n int
		if _, err := fmt.Sscanf(lines.Text(), "answered %s %d", &key, &n); err != nil {
			continue
		}
		answered[key] = n
		if said++; said == answers {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("the process ended with %v", err)
	}
	if len(answered) == 0 {
		t.Fatal("nothing was answered")
	}
	return answered
}

// A killed process leaves the page cache behind; a power cut does not. Whatever
// was answered before the cut must have been synced.
func TestPowerCutLosesNothingAnswered(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for round := range cuts() {
		disk := faultvfs.New(t)
		w := openOn(t, newPath(t), sqlite.Config{VFS: disk.Name()})
		c := cache.New(cache.NewMemory(roomy), w.Entries(), cache.Options{MaxStoredBytes: 1 << 20})
		cut := 100 + random.IntN(500)

		var mu sync.Mutex
		answered, said := make(map[string]int), 0
		stop, enough := make(chan struct{}), make(chan struct{})
		writers := writersOf(c, func(key, value string) error {
			return c.Set(t.Context(), key, []byte(value), time.Hour)
		}, func(key string, n int) {
			mu.Lock()
			defer mu.Unlock()
			answered[key] = n
			if said++; said == cut {
				close(enough)
			}
		}, stop)
		<-enough
		mu.Lock()
		before := make(map[string]int, len(answered))
		for key, n := range answered {
			before[key] = n
		}
		mu.Unlock()
		folder := t.TempDir()
		if err := disk.Cut(folder, random); err != nil {
			t.Fatal(err)
		}
		close(stop)
		writers.Wait()
		_ = c.Close()
		_ = w.Close()
		checkAnswered(t, filepath.Join(folder, "workspace.db"), before)
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
}

func cuts() int {
	if os.Getenv("RET_SOAK") == "1" {
		return 300
	}
	return 6
}
