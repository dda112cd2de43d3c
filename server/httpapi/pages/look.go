package pages

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/url"

	"ret/server/httpapi/chain"
	"ret/server/httpapi/work"
	"ret/shared/convert"
	"ret/shared/fault"
	"ret/web/page"
	"ret/web/view"
)

// lookPage shows an upload before it is converted, as the address says. Where a
// proposal was taken, it leads to the address that says so.
func (s *Server) lookPage(c *chain.Call) error {
	addresses, err := s.Addresses(c)
	if err != nil {
		return err
	}
	fields := addresses.Open(c.R.URL.Query())
	if fields.Get("take") == "" {
		return s.showLook(c, fields)
	}
	options, err := work.OptionsOfFields(fields)
	if err == nil {
		options, err = takeProposal(options, fields.Get("take"))
	}
	if err != nil {
		return err
	}
	return chain.Back(c.W, c.R, addresses.LookLink(c.R.PathValue("id"), fields.Get("document"), view.Options(options)), "", "")
}

// takeProposal takes a proposal as the page's button sends it, or none.
func takeProposal(o convert.Options, take string) (convert.Options, error) {
	if take == "" {
		return o, nil
	}
	var choice convert.Choice
	if err := json.Unmarshal([]byte(take), &choice); err != nil {
		return o, fault.Wrap(fault.Invalid, err, "This proposal cannot be taken. Look again, please.")
	}
	return choice.Apply(o), nil
}

// showLook shows an upload before it is converted, with the choices in fields.
func (s *Server) showLook(c *chain.Call, fields url.Values) error {
	addresses, err := s.Addresses(c)
	if err != nil {
		return err
	}
	frame, err := s.WorkFrame(c, page.Frame{Title: "Look first", Section: page.SectionWorkbench})
	if err != nil {
		return err
	}
	files, err := c.FileBriefs(c.R.Context(), []string{c.R.PathValue("id")})
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fault.New(fault.NotFound, "There is no such file in this session.")
	}
	options, err := work.OptionsOfFields(fields)
	if err == nil {
		options, err = takeProposal(options, fields.Get("take"))
	}
	if fault.Is(err, fault.Invalid) {
		frame.Notice = &page.Notice{Wrong: true, Text: fault.Message(err)}
	}
	v := page.LookView{File: view.File(files[0]), Options: view.Options(options)}
	defer c.UntilEnded()()
	err = s.Look(c, options, page.LookRows, func(in *convert.Inspector) error {
		return lookAt(c, in, fields.Get("document"), &v)
	})
	if err != nil {
		return err
	}
	if v.Options.Layouts.JSON == "" {
		frame.Address = addresses.LookLink(v.File.ID, fields.Get("document"), v.Options)
	}
	s.Render(c.W, c.R, http.StatusOK, page.Look(frame, v))
	return nil
}

// lookAt looks at one document of an upload, by default the first.
func lookAt(c *chain.Call, in *convert.Inspector, document string, v *page.LookView) error {
	paths := in.Paths()
	v.DocumentTotal = len(paths)
	v.Documents = paths[:min(len(paths), page.LookDocuments)]
	if len(paths) == 0 {
		return nil
	}
	if document == "" {
		document = paths[0]
	}
	i, err := in.Inspect(c.R.Context(), document)
	if err != nil {
		return err
	}
	v.Looked = view.Inspection(i)
	return nil
}

// lookForm converts the upload, takes the choices of a recipe, or looks again where
// those are too long for an address.
func (s *Server) lookForm(c *chain.Call) error {
	id := c.R.PathValue("id")
	here := "/files/" + url.PathEscape(id)
	if kind, _, _ := mime.ParseMediaType(c.R.Header.Get("Content-Type")); kind == "multipart/form-data" {
		options, err := work.ReceiveRecipe(c.W, c.R)
		if err != nil {
			return s.Told(c, here, err)
		}
		return s.takeRecipe(c, view.Options(options))
	}
	if err := chain.ParseFormOf(c.W, c.R, work.MaxRecipeBytes); err != nil {
		return err
	}
	switch c.R.PostFormValue("action") {
	case page.ActionConvert:
		job, err := s.convertForm(c, id)
		if err != nil {
			return s.Told(c, here, err)
		}
		return chain.Back(c.W, c.R, "/jobs/"+job.ID, "", "")
	case page.ActionLook:
		return s.showLook(c, c.R.PostForm)
	}
	return fault.New(fault.Invalid, "This page has no such form.")
}

// takeRecipe shows the upload with the choices of a recipe. Its layouts have no room
// in an address, so they stand in the page.
func (s *Server) takeRecipe(c *chain.Call, options page.JobOptions) error {
	if options.Layouts.JSON == "" {
		addresses, err := s.Addresses(c)
		if err != nil {
			return err
		}
		return chain.Back(c.W, c.R, addresses.LookLink(c.R.PathValue("id"), "", options), "", "")
	}
	return s.showLook(c, options.LookFields())
}
