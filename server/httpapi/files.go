package httpapi

import (
	"net/http"
	"time"
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
	content, err := c.Folder.Open(file.Blob)
	if err != nil {
		return err
	}
	defer content.Close()
	defer c.untilEnded()()
	attach(c.w, "application/octet-stream", file.Name)
	c.w.Header().Set("ETag", `"`+file.SHA256+`"`)
	http.ServeContent(c.w, c.r, "", time.Time{}, content)
	return nil
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
