package converter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"ret/shared/archive"
	"ret/shared/fault"
)

// inputs are what a command's arguments name.
type inputs struct {
	names   []string
	stdin   io.Reader       // what "-" means
	scratch archive.Scratch // room for what comes in by it, since it is read twice
	without string          // the folder where results go, which is no input
}

// sources finds the files. A file loses its leading folders; a folder keeps its
// own name and what is below it. What cannot be read becomes a source that fails,
// so that it is reported like any other. When all are read, done has to be called.
func (in inputs) sources(ctx context.Context) (list []archive.Source, done func() error, err error) {
	w := sourceWalk{inputs: in}
	w.without = absolute(in.without)
	for _, input := range in.names {
		if err := w.add(ctx, input); err != nil {
			return nil, nil, errors.Join(err, w.close())
		}
	}
	return w.list, w.close, nil
}

// absolute gives path itself where there is no working folder to complete it.
func absolute(path string) string {
	if path == "" {
		return ""
	}
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}

type sourceWalk struct {
	inputs
	list []archive.Source
	room archive.ScratchFile // of what came by standard input
}

func (w *sourceWalk) close() error {
	if w.room == nil {
		return nil
	}
	return w.room.Close()
}

func (w *sourceWalk) add(ctx context.Context, input string) error {
	if input == archive.Stdin {
		return w.addStdin(ctx)
	}
	name := filepath.Base(absolute(input))
	info, err := os.Stat(input)
	switch {
	case err != nil:
		w.fail(name, readFault(err))
	case info.IsDir():
		return w.addFolder(ctx, input, name)
	default:
		w.addFile(input, name, info)
	}
	return nil
}

// addStdin keeps what comes by standard input.
func (w *sourceWalk) addStdin(ctx context.Context) (err error) {
	if w.room != nil {
		w.fail(archive.Stdin, fault.New(fault.Invalid, "Standard input can be read only once."))
		return nil
	}
	if w.room, err = w.scratch.Create(ctx); err != nil {
		return err
	}
	size, err := io.Copy(struct{ io.Writer }{w.room}, contextReader{ctx, w.stdin})
	if err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	content := keptContent{w.room}
	w.list = append(w.list, archive.Source{Path: archive.Stdin, Size: size, Open: func(context.Context) (archive.Content, error) {
		return content, nil
	}})
	return nil
}

// keptContent stays open until all is read.
type keptContent struct{ io.ReaderAt }

func (keptContent) Close() error { return nil }

// contextReader stops with its context, as far as reading comes back.
type contextReader struct {
	ctx context.Context
	io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

func (w *sourceWalk) addFolder(ctx context.Context, folder, name string) error {
	before := len(w.list)
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		below, relErr := filepath.Rel(folder, path)
		shown := filepath.ToSlash(filepath.Join(name, below))
		switch {
		case relErr != nil:
			return relErr
		case err != nil:
			w.fail(shown, readFault(err))
		case !d.IsDir():
			w.addFound(path, shown)
		case path != folder && absolute(path) == w.without:
			return filepath.SkipDir
		}
		return nil
	})
	if err == nil && len(w.list) == before {
		w.fail(name, fault.New(fault.Invalid, "The folder holds no file."))
	}
	return err
}

// addFound adds a file that was found in a folder; links are followed to files
// only, because a link to a folder could lead round in circles.
func (w *sourceWalk) addFound(path, shown string) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		w.fail(shown, readFault(err))
	case info.IsDir():
		w.fail(shown, fault.New(fault.Invalid, "This is a link to a folder. Name that folder itself."))
	default:
		w.addFile(path, shown, info)
	}
}

func (w *sourceWalk) addFile(path, shown string, info fs.FileInfo) {
	if !info.Mode().IsRegular() {
		w.fail(shown, fault.New(fault.Invalid, "This is a device or pipe, not a file."))
		return
	}
	w.list = append(w.list, archive.Source{Path: shownPath(shown), Size: info.Size(), Open: func(context.Context) (archive.Content, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, readFault(err)
		}
		return f, nil
	}})
}

func (w *sourceWalk) fail(shown string, err error) {
	w.list = append(w.list, archive.Source{Path: shownPath(shown), Open: func(context.Context) (archive.Content, error) {
		return nil, err
	}})
}

// shownPath keeps a path on one line, and clear of the mark for what lies in an
// archive.
func shownPath(path string) string {
	return strings.ReplaceAll(archive.OneLine(path), "!/", "!_")
}

// readFault puts an error of opening a file into a sentence.
func readFault(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fault.Wrap(fault.NotFound, err, "There is no such file or folder.")
	case errors.Is(err, fs.ErrPermission):
		return fault.Wrap(fault.Denied, err, "You may not read this file.")
	case errors.Is(err, syscall.ELOOP):
		return fault.Wrap(fault.Invalid, err, "This link leads round in a circle.")
	}
	return fault.Wrap(fault.Invalid, err, "The file cannot be read: %v.", err)
}
