package api

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"net/http"
	"time"

	"ret/server/files"
	"ret/server/httpapi/chain"
)

func (s *Server) listFiles(c *chain.Call) error {
	page, err := chain.PageOf(c.R)
	if err != nil {
		return err
	}
	list, err := c.Files(c.R.Context(), page)
	if err != nil {
		return err
	}
	return chain.WriteJSON(c.W, http.StatusOK, list)
}

func (s *Server) getFile(c *chain.Call) error {
	file, err := c.File(c.R.Context(), c.R.PathValue("id"))
	if err != nil {
		return err
	}
	return chain.WriteJSON(c.W, http.StatusOK, file)
}

func (s *Server) fileContent(c *chain.Call) error {
	file, err := c.File(c.R.Context(), c.R.PathValue("id"))
	if err != nil {
		return err
	}
	content, err := c.Folder.OpenWhole(file.Blob, file.Size)
	if err != nil {
		return err
	}
	defer content.Close()
	defer c.UntilEnded()()
	chain.Attach(c.W, "application/octet-stream", file.Name)
	c.W.Header().Set("ETag", `"`+file.SHA256+`"`)
	checked := &checkedFile{Content: content, size: file.Size, sha256: file.SHA256, sum: sha256.New()}
	http.ServeContent(c.W, c.R, "", time.Time{}, checked)
	return checked.damage
}

// checkedFile is a stored upload that is compared with its digest while it is read
// from its start to its end; a part alone cannot be. Its last bytes are held back if
// it is not what was uploaded.
type checkedFile struct {
	*files.Content
	size   int64
	sha256 string
	sum    hash.Hash

	at, summed int64
	damage     error
}

func (f *checkedFile) Seek(offset int64, whence int) (int64, error) {
	at, err := f.Content.Seek(offset, whence)
	f.at = at
	return at, err
}

func (f *checkedFile) Read(p []byte) (int, error) {
	n, err := f.Content.Read(p)
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

func (s *Server) deleteFile(c *chain.Call) error {
	if err := s.RemoveFile(c, c.R.PathValue("id")); err != nil {
		return err
	}
	c.W.WriteHeader(http.StatusNoContent)
	return nil
}
