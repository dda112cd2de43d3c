package files

import (
	"io/fs"
	"os"
	"path"
)

// Trash unlinks what was moved into it, on one goroutine that Close waits for.
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
	entries, err := fs.ReadDir(t.root.FS(), trashDir)
	if err != nil {
		return
	}
	for _, e := range entries {
		_ = t.root.RemoveAll(path.Join(trashDir, e.Name()))
	}
}
