package httpapi

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/url"

	"ret/shared/convert"
	"ret/shared/fault"
	"ret/web/page"
	"ret/web/view"
)

// lookPage shows an upload before it is converted, as the address says. Where a
// proposal was taken, it leads to the address that says so.
func (s *Server) lookPage(c *call) error {
	fields := c.r.URL.Query()
	if fields.Get("take") == "" {
		return s.showLook(c, fields)
	}
	options, err := optionsOfFields(fields)
	if err == nil {
		options, err = takeProposal(options, fields.Get("take"))
	}
	if err != nil {
		return err
	}
	return back(c.w, c.r, page.LookLink(c.r.PathValue("id"), fields.Get("document"), view.Options(options)), "", "")
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
func (s *Server) showLook(c *call, fields url.Values) error {
	frame, err := s.workFrame(c, page.Frame{Section: page.SectionWorkbench})
	if err != nil {
		return err
	}
	files, err := c.FileBriefs(c.r.Context(), []string{c.r.PathValue("id")})
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fault.New(fault.NotFound, "There is no such file in this session.")
	}
	options, err := optionsOfFields(fields)
	if err == nil {
		options, err = takeProposal(options, fields.Get("take"))
	}
	if fault.Is(err, fault.Invalid) {
		frame.Notice = &page.Notice{Wrong: true, Text: fault.Message(err)}
	}
	v := page.LookView{File: view.File(files[0]), Options: view.Options(options)}
	defer c.untilEnded()()
	err = s.look(c, options, page.LookRows, func(in *convert.Inspector) error {
		return lookAt(c, in, fields.Get("document"), &v)
	})
	if err != nil {
		return err
	}
	frame.Title = v.File.Name
	s.render(c.w, c.r, http.StatusOK, page.Look(frame, v))
	return nil
}

// lookAt looks at one document of an upload, by default the first.
func lookAt(c *call, in *convert.Inspector, document string, v *page.LookView) error {
	paths := in.Paths()
	v.DocumentTotal = len(paths)
	v.Documents = paths[:min(len(paths), page.LookDocuments)]
	if len(paths) == 0 {
		return nil
	}
	if document == "" {
		document = paths[0]
	}
	i, err := in.Inspect(c.r.Context(), document)
	if err != nil {
		return err
	}
	v.Looked = view.Inspection(i)
	return nil
}

// lookForm converts the upload, takes the choices of a recipe, or looks again where
// those are too long for an address.
func (s *Server) lookForm(c *call) error {
	id := c.r.PathValue("id")
	here := page.LookLink(id, "", page.JobOptions{})
	if kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		options, err := receiveRecipe(c.w, c.r)
		if err != nil {
			return s.told(c, here, err)
		}
		return s.takeRecipe(c, view.Options(options))
	}
	if err := parseFormOf(c.w, c.r, maxRecipeBytes); err != nil {
		return err
	}
	switch c.r.PostFormValue("action") {
	case page.ActionConvert:
		job, err := s.convertForm(c, id)
		if err != nil {
			return s.told(c, here, err)
		}
		return back(c.w, c.r, "/jobs/"+job.ID, "", "")
	case page.ActionLook:
		return s.showLook(c, c.r.PostForm)
	}
	return fault.New(fault.Invalid, "This page has no such form.")
}

// takeRecipe shows the upload with the choices of a recipe. Its layouts have no room
// in an address, so they stand in the page.
func (s *Server) takeRecipe(c *call, options page.JobOptions) error {
	if options.Layouts.JSON == "" {
		return back(c.w, c.r, page.LookLink(c.r.PathValue("id"), "", options), "", "")
	}
	return s.showLook(c, options.LookFields())
}
