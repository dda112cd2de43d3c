package api

import (
	"net/http"

	"ret/server/httpapi/chain"
	"ret/server/httpapi/work"
	"ret/shared/workspace"
)

func (s *Server) ask(c *chain.Call) error {
	var body workspace.Question
	if err := chain.ReadJSON(c.W, c.R, &body); err != nil {
		return err
	}
	job, err := s.Ask(c, body.Question)
	if err != nil {
		return err
	}
	return chain.WriteJSON(c.W, http.StatusAccepted, job)
}

func (s *Server) consent(c *chain.Call) error {
	chat, err := s.ConsentTo(c, workspace.PurposeChat)
	if err != nil {
		return err
	}
	embed, err := s.ConsentTo(c, workspace.PurposeEmbed)
	if err != nil {
		return err
	}
	return chain.WriteJSON(c.W, http.StatusOK, struct {
		Chat  *work.Consent `json:"chat"`
		Embed *work.Consent `json:"embed"`
	}{chat, embed})
}

// setConsent takes the name of the endpoint that is said yes to, or null to take the yes
// back; what is left out stays as it is.
func (s *Server) setConsent(c *chain.Call) error {
	var body struct {
		Chat  optional[string] `json:"chat"`
		Embed optional[string] `json:"embed"`
	}
	if err := chain.ReadJSON(c.W, c.R, &body); err != nil {
		return err
	}
	for purpose, said := range map[workspace.Purpose]optional[string]{workspace.PurposeChat: body.Chat, workspace.PurposeEmbed: body.Embed} {
		if !said.There {
			continue
		}
		seen := ""
		if said.Value != nil {
			seen = *said.Value
		}
		if err := s.SetConsent(c, purpose, said.Value != nil, seen); err != nil {
			return err
		}
	}
	return s.consent(c)
}
