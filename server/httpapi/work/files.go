package work

import (
	"ret/server/httpapi/chain"
)

// RemoveFile deletes a file with what was made of it.
func (s *Server) RemoveFile(c *chain.Call, id string) error {
	blobs, err := c.DeleteFile(c.R.Context(), id, 0)
	if err != nil {
		return err
	}
	return c.Folder.Remove(blobs...)
}
