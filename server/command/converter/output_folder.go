package converter

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"

	"ret/shared/archive"
	"ret/shared/fault"
)

// output is the folder where results go. Everything is written under a hidden
// folder in it first and renamed when it is complete, so that no name ever stands
// for half a file; the os.Root keeps all of it inside.
type output struct {
	path   string // as the person wrote it
	root   *os.Root
	hidden string
	temp   *os.Root // the hidden folder
	next   atomic.Int64

	mu      sync.Mutex
	folders map[string]struct{} // made so far
}

func openOutput(path string) (*output, error) {
	o := &output{path: path, hidden: ".ret-" + rand.Text()[:8], folders: map[string]struct{}{}}
	if err := os.MkdirAll(path, 0o777); err != nil {
		return nil, o.fault(err)
	}
	var err error
	if o.root, err = os.OpenRoot(path); err != nil {
		return nil, o.fault(err)
	}
	if err := o.hide(); err != nil {
		return nil, errors.Join(o.fault(err), o.root.Close())
	}
	return o, nil
}

// hide makes the hidden folder.
func (o *output) hide() (err error) {
	if err = o.root.Mkdir(o.hidden, 0o700); err != nil {
		return err
	}
	o.temp, err = o.root.OpenRoot(o.hidden)
	return err
}

// close removes what was not published.
func (o *output) close() error {
	err := o.temp.Close()
	return errors.Join(err, o.root.RemoveAll(o.hidden), o.root.Close())
}

// tempFile is a file on its way.
type tempFile struct {
	*os.File
	out  *output
	name string // in the hidden folder
}

// create begins a file. It may be called concurrently.
func (o *output) create() (*tempFile, error) {
	name := strconv.FormatInt(o.next.Add(1), 36)
	f, err := o.temp.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, o.fault(err)
	}
	return &tempFile{f, o, name}, nil
}

// Write is that of a file, with errors in sentences.
func (f *tempFile) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	if err != nil {
		err = f.out.fault(err)
	}
	return n, err
}

// finish closes the file, so that it can wait for its name.
func (f *tempFile) finish() error {
	if err := f.File.Close(); err != nil {
		return f.out.fault(err)
	}
	return nil
}

// publish gives a finished file its name.
func (f *tempFile) publish(name string) error {
	if err := f.out.makeFolder(path.Dir(name)); err != nil {
		return f.out.fault(err)
	}
	if err := f.out.root.Rename(path.Join(f.out.hidden, f.name), name); err != nil {
		return f.out.fault(err)
	}
	return nil
}

// discard removes the file, finished or not. What cannot be removed now goes with
// the hidden folder.
func (f *tempFile) discard() {
	_ = f.File.Close()
	_ = f.out.temp.Remove(f.name)
}

func (o *output) makeFolder(name string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, made := o.folders[name]; made || name == "." {
		return nil
	}
	o.folders[name] = struct{}{}
	return o.root.MkdirAll(name, 0o777)
}

// fault puts an error of writing into a sentence.
func (o *output) fault(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fault.Wrap(fault.NoSpace, err, "The disk that holds %s is full. Files named there are complete; free some space and convert the rest again.", o.path)
	case errors.Is(err, syscall.EFBIG):
		return fault.Wrap(fault.NoSpace, err, "A file in %s grew over the size that this disk or account allows.", o.path)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fault.Wrap(fault.Denied, err, "You may not write to %s.", o.path)
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist):
		return fault.Wrap(fault.Conflict, err, "%s cannot hold the results: a file stands where a folder is needed.", o.path)
	}
	return fault.Wrap(fault.Internal, err, "Writing to %s failed.", o.path)
}

// scratch lends room for nested archives in the hidden folder.
type scratch struct{ out *output }

// Create implements archive.Scratch.
func (s scratch) Create(context.Context) (archive.ScratchFile, error) {
	f, err := s.out.create()
	if err != nil {
		return nil, err
	}
	return scratchFile{f}, nil
}

type scratchFile struct{ *tempFile }

// Close gives the room back.
func (f scratchFile) Close() error {
	f.discard()
	return nil
}
