package httpapi

import (
	"mime"
	"net/http"

	"ret/shared/convert"
	"ret/shared/fault"
	"ret/web/page"
	"ret/web/view"
)

// lookPage shows an upload before it is converted.
func (s *Server) lookPage(c *call) error {
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
	q := c.r.URL.Query()
	options, err := optionsOfQuery(q)
	if fault.Is(err, fault.Invalid) {
		frame.Notice = &page.Notice{Wrong: true, Text: fault.Message(err)}
	}
	v := page.LookView{File: view.File(files[0]), Options: view.Options(options)}
	defer c.untilEnded()()
	err = s.look(c, options, page.LookRows, func(in *convert.Inspector) error {
		return lookAt(c, in, q.Get("document"), &v)
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

// lookForm converts the upload, or takes the choices of a recipe.
func (s *Server) lookForm(c *call) error {
	id := c.r.PathValue("id")
	here := page.LookLink(id, page.JobOptions{})
	if kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		options, err := receiveRecipe(c.w, c.r)
		if err != nil {
			return s.told(c, here, err)
		}
		return back(c.w, c.r, page.LookLink(id, view.Options(options)), "", "")
	}
	if err := parseForm(c.w, c.r); err != nil {
		return err
	}
	if c.r.PostFormValue("action") != page.ActionConvert {
		return fault.New(fault.Invalid, "This page has no such form.")
	}
	job, err := s.convertForm(c, id)
	if err != nil {
		return s.told(c, here, err)
	}
	return back(c.w, c.r, "/jobs/"+job.ID, "", "")
}
