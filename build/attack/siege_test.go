package attack

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ret/build/resident"
	"ret/build/retproc"
)

// What an attack may cost, and others meanwhile.
const (
	attackTime   = 5 * time.Second
	attackMemory = 150 << 20
	othersTime   = 250 * time.Millisecond
	signOutTime  = 2500 * time.Millisecond
)

// figures are what an attack has cost.
type figures struct {
	took        time.Duration
	memory      int64         // the most that the process had at once
	grew        int64         // and how much more that is than before
	descriptors int           // likewise
	others      time.Duration // what 98 of 100 requests of someone else took at most
}

// besiege runs an attack while someone else works on the server, and fails the test
// if the attack costs more than it may. Everyone has signed in before, and the server
// is then started again: checking a password takes memory that is no attack's.
// Sockets that are open do not outlast that; sessions, files and jobs do.
func besiege(t *testing.T, server *retproc.Server, attack func()) figures {
	t.Helper()
	other := someoneElse(t, server)
	server.Stop(t, syscall.SIGTERM)
	server.Restart(t)
	other.do("GET", "/api/v1/session", nil).want(t, http.StatusOK)
	before := resident.Peak(server.PID())
	done := make(chan struct{})
	var watchers sync.WaitGroup
	var f figures
	watchers.Go(func() { f.others = other.work(done) })
	watchers.Go(func() { f.descriptors = watchDescriptors(server, done) })
	end := sync.OnceFunc(func() { close(done); watchers.Wait() })
	defer end() // also where the attack ends the test: then the server is stopped
	began := time.Now()
	attack()
	f.took = time.Since(began)
	end()
	f.memory = resident.Peak(server.PID())
	f.grew = f.memory - before
	t.Logf("took %v, %d MB, %d descriptors, others waited %v", f.took.Round(time.Millisecond), f.memory>>20, f.descriptors, f.others.Round(time.Millisecond))
	f.check(t)
	return f
}

func (f figures) check(t *testing.T) {
	t.Helper()
	if f.took > attackTime {
		t.Errorf("the attack took %v, want at most %v", f.took, attackTime)
	}
	if f.memory == 0 || f.memory > attackMemory {
		t.Errorf("the process had %d MB, want at most %d", f.memory>>20, attackMemory>>20)
	}
	if f.others > othersTime {
		t.Errorf("someone else waited %v, want at most %v", f.others, othersTime)
	}
}

// descriptors counts what the server has open.
func descriptors(server *retproc.Server) int {
	names, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", server.PID()))
	if err != nil {
		return 0 // it has ended
	}
	return len(names)
}

// openFiles counts the regular files below the runtime folder that the server has
// open.
func openFiles(server *retproc.Server) (n int) {
	links, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", server.PID()))
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && strings.HasPrefix(target, server.Runtime) {
			n++
		}
	}
	return n
}

func watchDescriptors(server *retproc.Server, done <-chan struct{}) (most int) {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		most = max(most, descriptors(server))
		select {
		case <-done:
			return most
		case <-ticker.C:
		}
	}
}

// someone is a person who works on the server that others attack.
type someone struct{ *client }

func someoneElse(t *testing.T, server *retproc.Server) someone {
	t.Helper()
	boss := signIn(t, server, "admin")
	name := fmt.Sprintf("someone%d", time.Now().UnixNano())
	boss.addUser(name)
	boss.signOut()
	who := someone{signIn(t, server, name)}
	who.do("PUT", "/api/v1/cache/mine", "value").want(t, http.StatusNoContent)
	return who
}

// work sends a request every 25 ms, however long those before it take, until done,
// and returns what 98 of 100 took at most. A server that stands still for longer
// than others may wait makes many of them late, and a pause of the machine few.
func (who someone) work(done <-chan struct{}) time.Duration {
	var requests sync.WaitGroup
	var mu sync.Mutex
	var times []time.Duration
	ticker := time.NewTicker(25 * time.Millisecond)
	defer ticker.Stop()
	for i := 0; ; i++ {
		requests.Go(func() {
			took := who.step(i)
			mu.Lock()
			defer mu.Unlock()
			times = append(times, took)
		})
		select {
		case <-done:
			requests.Wait()
			slices.Sort(times)
			return times[(len(times)-1)*98/100]
		case <-ticker.C:
		}
	}
}

// step is one request: of the session, of its database, or a change.
func (who someone) step(i int) time.Duration {
	began := time.Now()
	var a *answer
	switch i % 3 {
	case 0:
		a = who.do("GET", "/api/v1/session", nil)
	case 1:
		a = who.do("GET", "/api/v1/files", nil)
	default:
		a = who.do("PUT", "/api/v1/cache/mine", "value")
	}
	if a.err != nil || a.status >= 300 {
		who.t.Errorf("someone else: %s: status %d: %.200s %v", a.request, a.status, a.content, a.err)
	}
	return time.Since(began)
}
