package files

import (
	"io/fs"
	"os"
	"path"

	"golang.org/x/sync/errgroup"
)

// Trash unlinks what was moved into it, on goroutines that Close waits for.
type Trash struct {
	root *os.Root
	work chan struct{} // one pending kick is enough: a round takes all there is
	done chan struct{}
}

func newTrash(root *os.Root) *Trash {
	t := &Trash{root: root, work: make(chan struct{}, 1), done: make(chan struct{})}
	go t.run()
	return t
}

func (t *Trash) kick() {
	select {
	case t.work <- struct{}{}:
	default:
	}
}

func (t *Trash) close() {
	close(t.work)
	<-t.done
}

func (t *Trash) run() {
	defer close(t.done)
	for range t.work {
		t.empty()
	}
}

// empty removes everything. What cannot be removed now stays for the next round
// or the next start; it is out of everyone's reach already.
func (t *Trash) empty() {
	var unlinking errgroup.Group
	unlinking.SetLimit(unlinkers)
	t.emptyDir(&unlinking, trashDir)
	_ = unlinking.Wait()
	for _, e := range t.list(trashDir) {
		_ = t.root.RemoveAll(path.Join(trashDir, e.Name()))
	}
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
		unlinking.Go(func() error { return t.root.Remove(name) })
	}
}

func (t *Trash) list(dir string) []fs.DirEntry {
	entries, _ := fs.ReadDir(t.root.FS(), dir)
	return entries
}
