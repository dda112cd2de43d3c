package httpapi

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"net/http"
	"os"
	"time"

	"ret/server/files"
)

func (s *Server) listFiles(c *call) error {
	page, err := pageOf(c.r)
	if err != nil {
		return err
	}
	list, err := c.Files(c.r.Context(), page)
	if err != nil {
		return err
	}
	return writeJSON(c.w, http.StatusOK, list)
}

func (s *Server) getFile(c *call) error {
	file, err := c.File(c.r.Context(), c.r.PathValue("id"))
	if err != nil {
		return err
	}
	return writeJSON(c.w, http.StatusOK, file)
}

func (s *Server) fileContent(c *call) error {
	file, err := c.File(c.r.Context(), c.r.PathValue("id"))
	if err != nil {
		return err
	}
	content, err := c.Folder.OpenWhole(file.Blob, file.Size)
	if err != nil {
		return err
	}
	defer content.Close()
	defer c.untilEnded()()
	attach(c.w, "application/octet-stream", file.Name)
	c.w.Header().Set("ETag", `"`+file.SHA256+`"`)
	checked := &checkedFile{File: content, size: file.Size, sha256: file.SHA256, sum: sha256.New()}
	http.ServeContent(c.w, c.r, "", time.Time{}, checked)
	return checked.damage
}

// checkedFile is a stored upload that is compared with its digest while it is read
// from its start to its end; a part alone cannot be. Its last bytes are held back if
// it is not what was uploaded.
type checkedFile struct {
	*os.File
	size   int64
	sha256 string
	sum    hash.Hash

	at, summed int64
	damage     error
}

func (f *checkedFile) Seek(offset int64, whence int) (int64, error) {
	at, err := f.File.Seek(offset, whence)
	f.at = at
	return at, err
}

func (f *checkedFile) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	if f.at == f.summed {
		f.sum.Write(p[:n])
		f.summed += int64(n)
	}
	f.at += int64(n)
	if n > 0 && f.summed == f.size && hex.EncodeToString(f.sum.Sum(nil)) != f.sha256 {
		f.damage = files.ErrDamaged
		return 0, f.damage
	}
	return n, err
}

func (s *Server) deleteFile(c *call) error {
	if err := s.removeFile(c, c.r.PathValue("id")); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// removeFile deletes a file with what was made of it.
func (s *Server) removeFile(c *call, id string) error {
	blobs, err := c.DeleteFile(c.r.Context(), id, 0)
	if err != nil {
		return err
	}
	return c.Folder.Remove(blobs...)
}
