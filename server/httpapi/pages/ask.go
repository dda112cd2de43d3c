package pages

import (
	"net/http"
	"net/netip"

	"ret/server/httpapi/chain"
	"ret/shared/fault"
	"ret/shared/workspace"
	"ret/web/page"
	"ret/web/view"
)

func (s *Server) askPage(c *chain.Call) error { return s.showAsk(c, http.StatusOK, "", "") }

// showAsk shows the page, perhaps with a question that was not taken and why.
func (s *Server) showAsk(c *chain.Call, status int, question, problem string) error {
	frame, err := s.WorkFrame(c, page.Frame{Title: "Ask", Section: page.SectionAsk})
	if err != nil {
		return err
	}
	v := page.AskView{Question: question, Problem: problem}
	consent, err := s.ConsentTo(c, workspace.PurposeChat)
	if err != nil {
		return err
	}
	if consent != nil {
		v.Endpoint, v.Consent = consent.Endpoint, consent.GivenAt != nil
		v.Nearby, v.MaxCells = onThisMachine(s.Config.ChatURL.Hostname()), s.Asking.MaxCells
	}
	if v.Items, err = view.Ask(c.R.Context(), c.Workspace); err != nil {
		return err
	}
	for _, a := range v.Items {
		frame.Refresh = frame.Refresh || a.Job.State.Active()
	}
	s.Render(c.W, c.R, status, page.Ask(frame, v))
	return nil
}

func onThisMachine(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}

func (s *Server) askForm(c *chain.Call) error {
	if err := chain.ParseForm(c.W, c.R); err != nil {
		return err
	}
	switch c.R.PostFormValue("action") {
	case page.ActionAsk:
		return s.questionForm(c, c.R.PostFormValue("question"))
	case page.ActionConsent:
		return s.Told(c, "/ask", s.SetConsent(c, workspace.PurposeChat, true, c.R.PostFormValue("endpoint")))
	case page.ActionWithdraw:
		return s.Told(c, "/ask", s.SetConsent(c, workspace.PurposeChat, false, ""))
	default:
		return s.jobForm(c)
	}
}

// questionForm asks a question; what is not taken stands in the form again, with why.
func (s *Server) questionForm(c *chain.Call, question string) error {
	_, err := s.Ask(c, question)
	switch kind := fault.KindOf(err); {
	case err == nil:
		return chain.Back(c.W, c.R, "/ask", "", "")
	case kind == fault.Invalid || kind == fault.TooMany:
		return s.showAsk(c, chain.Statuses[kind], question, fault.Message(err))
	default:
		return err
	}
}

// searchForm says yes to the model that finds rows by what they mean, takes that back, or
// leads to what a search finds.
func (s *Server) searchForm(c *chain.Call) error {
	if err := chain.ParseForm(c.W, c.R); err != nil {
		return err
	}
	switch c.R.PostFormValue("action") {
	case page.ActionConsent:
		return s.Told(c, "/search", s.SetConsent(c, workspace.PurposeEmbed, true, c.R.PostFormValue("endpoint")))
	case page.ActionWithdraw:
		return s.Told(c, "/search", s.SetConsent(c, workspace.PurposeEmbed, false, ""))
	default:
		return s.showForm(c)
	}
}
