package api

import (
	"net/http"

	"ret/server/httpapi/chain"
	"ret/server/httpapi/work"
	"ret/shared/workspace"
)

type uploadedJSON struct {
	Items []*workspace.File `json:"items"`
	Job   *workspace.Job    `json:"job"`
}

func (s *Server) upload(c *chain.Call) error {
	form, err := s.Receive(c, work.UploadForm{Convert: c.R.URL.Query().Get("convert") == "1"})
	if err != nil {
		return err
	}
	accepted, err := s.Accept(c, form)
	if err != nil {
		return err
	}
	return chain.WriteJSON(c.W, http.StatusCreated, uploadedJSON{accepted.Files, accepted.Job})
}
