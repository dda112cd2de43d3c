package work

import (
	"ret/server/httpapi/chain"
	"ret/server/jobs"
	"ret/shared/convert"
)

// Look calls do with the documents of the upload that the address names.
func (s *Server) Look(c *chain.Call, options convert.Options, previewRows int, do func(*convert.Inspector) error) error {
	file, err := c.File(c.R.Context(), c.R.PathValue("id"))
	if err != nil {
		return err
	}
	return s.Inspector.Look(c.R.Context(), jobs.Upload{SessionID: c.Session.ID, File: file, Folder: c.Folder}, options, previewRows, do)
}
