package api

import (
	"ret/server/httpapi/chain"
	"ret/shared/tablefile/download"
	"ret/shared/workspace"
)

func (s *Server) export(c *chain.Call) error {
	f, err := download.ParseFormat(c.R.URL.Query())
	if err != nil {
		return err
	}
	v := c.R.URL.Query()
	choice := workspace.TableFilter{Group: v.Get("group"), FileID: v.Get("file"), JobID: v.Get("job")}
	return s.SendExport(c, f, choice, nil)
}
