package converter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"runtime"

	"ret/shared/archive"
	"ret/shared/convert"
	"ret/shared/outcome"
)

// Job is one upload to be converted.
type Job struct {
	ID      string // made by the client: the server's job will have it
	Files   []File
	Options json.RawMessage // as the server takes them
	Limits  convert.Limits  // the server's
	Host    Host
}

// Run converts a job. What is wrong with a document is told to the Host; the
// error is the Host's, or Invalid for options that make no sense.
func Run(ctx context.Context, job Job) (convert.Totals, error) {
	options, err := convert.ParseOptions(job.Options)
	if err != nil {
		return convert.Totals{}, err
	}
	// Tables are kept as the server keeps them; switches are a download's.
	options.Format, options.BOM, options.CRLF, options.ExcelSafe = convert.CSV, false, false, false
	sources, ids := job.sources()
	store := &store{host: job.Host, job: outcome.Job{ID: job.ID, Files: ids, Options: options}}
	totals, err := convert.Run(ctx, convert.Job{
		Sources: sources, Options: options, Limits: job.Limits, Scratch: &scratch{left: scratchBytes}, Workers: 1,
		Store: store, Progress: job.Host.Progress,
	})
	if flushErr := store.flush(); err == nil {
		err = flushErr
	}
	return totals, err
}

// sources are the files as they are read, and their ids by manifest path.
func (j Job) sources() (list []archive.Source, ids map[string]string) {
	names, fileID := make([]string, len(j.Files)), make([]string, len(j.Files))
	for i, f := range j.Files {
		names[i], fileID[i] = f.Name, f.ID
	}
	for i, path := range convert.SourcePaths(names) {
		content := content{j.Files[i].Content}
		list = append(list, archive.Source{Path: path, Size: j.Files[i].Size, Open: func(context.Context) (archive.Content, error) {
			return content, nil
		}})
	}
	return list, fileIDs(names, fileID)
}

// fileIDs are the ids of files by manifest path.
func fileIDs(names, ids []string) map[string]string {
	byPath := make(map[string]string, len(names))
	for i, path := range convert.SourcePaths(names) {
		byPath[path] = ids[i]
	}
	return byPath
}

// content is a file that stays open for as long as the worker lives. A browser's
// only thread is left to the reports of progress at every read.
type content struct{ io.ReaderAt }

func (c content) ReadAt(p []byte, off int64) (int, error) {
	runtime.Gosched()
	return c.ReaderAt.ReadAt(p, off)
}

// Close implements archive.Content.
func (content) Close() error { return nil }

// Kind is what the server will say the file is.
func (f File) Kind() (string, error) {
	head := make([]byte, min(archive.SniffBytes, f.Size))
	if _, err := f.Content.ReadAt(head, 0); err != nil && err != io.EOF {
		return "", fmt.Errorf("read dropped file: %w", err)
	}
	return archive.Kind(head), nil
}

// Digest is the SHA-256 of a file, in hex.
func (f File) Digest() (string, error) {
	sum := sha256.New()
	buffer := make([]byte, pieceBytes)
	if _, err := io.CopyBuffer(sum, struct{ io.Reader }{io.NewSectionReader(f.Content, 0, f.Size)}, buffer); err != nil {
		return "", fmt.Errorf("read dropped file: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
