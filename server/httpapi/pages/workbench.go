package pages

import (
	"bytes"
	_ "embed"
	"mime"

	"ret/server/httpapi/chain"
	"ret/server/httpapi/work"
	"ret/server/jobs"
	"ret/shared/fault"
	"ret/shared/tablefile/download"
	"ret/shared/workspace"
	"ret/web/page"
	"ret/web/view"
)

// workbenchForm does what a form of the page asks for. Uploads come as
// multipart, all others as plain forms.
func (s *Server) workbenchForm(c *chain.Call) error {
	if kind, _, _ := mime.ParseMediaType(c.R.Header.Get("Content-Type")); kind == "multipart/form-data" {
		return s.Told(c, "/", s.uploadForm(c))
	}
	if err := chain.ParseForm(c.W, c.R); err != nil {
		return err
	}
	if class := c.R.PostFormValue(page.FieldMerge); class != "" {
		_, err := s.Merge(c, class)
		return s.Told(c, "/", err)
	}
	switch c.R.PostFormValue("action") {
	case page.ActionShow:
		return s.showForm(c)
	case page.ActionSample:
		return s.Told(c, "/", s.loadSample(c))
	case page.ActionEndTour:
		return s.Told(c, "/", s.Accounts.EndTour(c.R.Context(), c.Session.User.ID))
	case page.ActionConvert:
		_, err := s.convertForm(c, c.R.PostFormValue("file"))
		return s.Told(c, "/", err)
	case page.ActionDeleteFile:
		return s.Told(c, "/", s.RemoveFile(c, c.R.PostFormValue("file")))
	case page.ActionDeleteTables:
		return s.Told(c, "/", s.removeTables(c))
	case page.ActionDownload:
		return s.downloadForm(c)
	default:
		return s.jobForm(c)
	}
}

func (s *Server) uploadForm(c *chain.Call) error {
	form, err := s.Receive(c, work.UploadForm{})
	if err != nil {
		return err
	}
	return s.acceptForm(c, form)
}

// acceptForm takes a page's fields for the API's.
func (s *Server) acceptForm(c *chain.Call, form *work.UploadForm) error {
	options, err := work.OptionsOfForm(form.Fields)
	if err != nil {
		form.Discard()
		return err
	}
	form.Convert = form.Fields["convert"] == "1"
	if form.Options == nil {
		form.Options = options
	}
	_, err = s.Accept(c, form)
	return err
}

// convertForm converts an upload as the form says.
func (s *Server) convertForm(c *chain.Call, file string) (*workspace.Job, error) {
	options, err := work.OptionsOfForm(work.OneOfEach(c.R.PostForm))
	if err != nil {
		return nil, err
	}
	spec, err := jobs.New("convert", options, s.Config.JobMaxAttempts)
	if err != nil {
		return nil, err
	}
	spec.Files = []string{file}
	return s.Submit(c, spec)
}

// tickedTables are the tables that a form of the workbench is about: those ticked
// one by one, and all of the groups that were ticked as a whole.
func (s *Server) tickedTables(c *chain.Call) ([]string, error) {
	ids := c.R.PostForm["table"]
	for _, group := range c.R.PostForm["all"] {
		more, err := c.TableIDs(c.R.Context(), group, c.R.PostFormValue("found"))
		if err != nil {
			return nil, err
		}
		ids = append(ids, more...)
	}
	return ids, nil
}

func (s *Server) removeTables(c *chain.Call) error {
	ids, err := s.tickedTables(c)
	if err != nil || len(ids) == 0 {
		return err
	}
	blobs, err := c.DeleteTables(c.R.Context(), ids)
	if fault.Is(err, fault.NotFound) {
		return nil // someone was faster
	}
	if err != nil {
		return err
	}
	return c.Folder.Remove(blobs...)
}

// downloadForm sends the tables that were ticked.
func (s *Server) downloadForm(c *chain.Call) error {
	ids, err := s.tickedTables(c)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return chain.Back(c.W, c.R, "/", view.QueryWrong, view.WrongNoTables)
	}
	only := make(map[string]bool, len(ids))
	for _, id := range ids {
		only[id] = true
	}
	f, err := download.ParseFormat(c.R.PostForm)
	if err != nil {
		return err
	}
	return s.SendExport(c, f, workspace.TableFilter{}, only)
}

//go:embed sample.zip
var sample []byte

// loadSample uploads the sample as a person would.
func (s *Server) loadSample(c *chain.Call) error {
	form := &work.UploadForm{Convert: true}
	if err := form.TakeContent(c.Folder, "sample.zip", bytes.NewReader(sample)); err != nil {
		form.Discard()
		return err
	}
	_, err := s.Accept(c, form)
	return err
}
