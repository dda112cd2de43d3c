package files

import (
	"io/fs"
	"log/slog"
	"os"
	"path"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// Trash unlinks what was moved into it, on goroutines that Close waits for. What
// cannot be unlinked is out of everyone's reach already; it is said, counted and
// tried again, with ever longer pauses, until it goes.
type Trash struct {
	root   *os.Root
	log    *slog.Logger
	remove func(name string) error // a file or an empty folder

	work     chan struct{} // one pending kick is enough: a round takes all there is
	stop     chan struct{}
	done     chan struct{}
	failures atomic.Int64
}

// Pauses before what could not be unlinked is tried again.
const (
	firstPause = time.Second
	maxPause   = time.Minute
)

func newTrash(root *os.Root, log *slog.Logger) *Trash {
	return &Trash{
		root: root, log: log, remove: root.Remove,
		work: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}
}

func (t *Trash) kick() {
	select {
	case t.work <- struct{}{}:
	default:
	}
}

// close lets a last round end. What is left then is the next start's.
func (t *Trash) close() {
	close(t.stop)
	<-t.done
}

func (t *Trash) run() {
	defer close(t.done)
	pause := firstPause
	var again <-chan time.Time
	for {
		select {
		case <-t.stop:
			t.empty()
			return
		case <-t.work:
		case <-again:
		}
		if again = nil; t.empty() {
			pause = firstPause
			continue
		}
		again = time.After(pause)
		pause = min(2*pause, maxPause)
	}
}

// empty removes everything and reports whether nothing is left.
func (t *Trash) empty() bool {
	var unlinking errgroup.Group
	unlinking.SetLimit(unlinkers)
	t.emptyDir(&unlinking, trashDir)
	err := unlinking.Wait()
	for _, e := range t.list(trashDir) {
		if removeErr := t.removeTree(path.Join(trashDir, e.Name())); err == nil {
			err = removeErr
		}
	}
	if err != nil {
		t.failures.Add(1)
		t.log.Error("what sessions have left could not be unlinked; trying again", "err", err)
	}
	return err == nil
}

// unlinkers is how many files are unlinked at once: a file system spends more
// time waiting for its journal and its disk than for its own locks.
const unlinkers = 8

// emptyDir unlinks the files below a folder; what is not a folder is a file.
func (t *Trash) emptyDir(unlinking *errgroup.Group, dir string) {
	for _, e := range t.list(dir) {
		name := path.Join(dir, e.Name())
		if e.IsDir() {
			t.emptyDir(unlinking, name)
			continue
		}
		unlinking.Go(func() error { return t.remove(name) })
	}
}

// removeTree removes the folders that emptyDir has left.
func (t *Trash) removeTree(name string) error {
	var failed error
	for _, e := range t.list(name) {
		if err := t.removeTree(path.Join(name, e.Name())); err != nil {
			failed = err
		}
	}
	if failed != nil {
		return failed
	}
	return t.remove(name)
}

func (t *Trash) list(dir string) []fs.DirEntry {
	entries, _ := fs.ReadDir(t.root.FS(), dir) // a file has none
	return entries
}
