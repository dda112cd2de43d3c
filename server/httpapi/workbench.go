package httpapi

import (
	"bytes"
	_ "embed"
	"errors"
	"mime"

	"ret/server/account"
	"ret/server/jobs"
	"ret/shared/fault"
	"ret/shared/tablefile/download"
	"ret/shared/workspace"
	"ret/web/page"
	"ret/web/view"
)

// workbenchForm does what a form of the page asks for. Uploads come as
// multipart, all others as plain forms.
func (s *Server) workbenchForm(c *call) error {
	if kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		return s.told(c, "/", s.uploadForm(c))
	}
	if err := parseForm(c.w, c.r); err != nil {
		return err
	}
	switch c.r.PostFormValue("action") {
	case page.ActionSample:
		return s.told(c, "/", s.loadSample(c))
	case page.ActionConvert:
		_, err := s.convertForm(c, c.r.PostFormValue("file"))
		return s.told(c, "/", err)
	case page.ActionDeleteFile:
		return s.told(c, "/", s.removeFile(c, c.r.PostFormValue("file")))
	case page.ActionDeleteTables:
		return s.told(c, "/", s.removeTables(c))
	case page.ActionDownload:
		return s.downloadForm(c)
	default:
		return s.jobForm(c)
	}
}

// told goes back to a page, with the sentence of what went wrong if something
// did that the person can mend.
func (s *Server) told(c *call, path string, err error) error {
	if err == nil {
		return back(c.w, c.r, path, "", "")
	}
	switch {
	case errors.Is(err, account.ErrLastAdmin):
		return back(c.w, c.r, path, view.QueryWrong, view.WrongLastAdmin)
	case fault.Is(err, fault.NotFound):
		return back(c.w, c.r, path, view.QueryWrong, view.WrongGone)
	case fault.Is(err, fault.Conflict):
		return back(c.w, c.r, path, view.QueryWrong, view.WrongConflict)
	default:
		return err // a page with a sentence of its own
	}
}

func (s *Server) uploadForm(c *call) error {
	form, err := s.receive(c, uploadForm{})
	if err != nil {
		return err
	}
	return s.acceptForm(c, form)
}

// acceptForm takes a page's fields for the API's.
func (s *Server) acceptForm(c *call, form *uploadForm) error {
	options, err := optionsOfForm(form.fields)
	if err != nil {
		form.discard()
		return err
	}
	form.convert = form.fields["convert"] == "1"
	if form.options == nil {
		form.options = options
	}
	_, err = s.accept(c, form)
	return err
}

// convertForm converts an upload as the form says.
func (s *Server) convertForm(c *call, file string) (*workspace.Job, error) {
	options, err := optionsOfForm(oneOfEach(c.r.PostForm))
	if err != nil {
		return nil, err
	}
	spec, err := jobs.New("convert", options, s.Config.JobMaxAttempts)
	if err != nil {
		return nil, err
	}
	spec.Files = []string{file}
	return s.submit(c, spec)
}

// tickedTables are the tables that a form of the workbench is about: those ticked
// one by one, and all of the groups that were ticked as a whole.
func (s *Server) tickedTables(c *call) ([]string, error) {
	ids := c.r.PostForm["table"]
	for _, group := range c.r.PostForm["all"] {
		more, err := c.TableIDs(c.r.Context(), group, c.r.PostFormValue("found"))
		if err != nil {
			return nil, err
		}
		ids = append(ids, more...)
	}
	return ids, nil
}

func (s *Server) removeTables(c *call) error {
	ids, err := s.tickedTables(c)
	if err != nil || len(ids) == 0 {
		return err
	}
	blobs, err := c.DeleteTables(c.r.Context(), ids)
	if fault.Is(err, fault.NotFound) {
		return nil // someone was faster
	}
	if err != nil {
		return err
	}
	return c.Folder.Remove(blobs...)
}

// downloadForm sends the tables that were ticked.
func (s *Server) downloadForm(c *call) error {
	ids, err := s.tickedTables(c)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return back(c.w, c.r, "/", view.QueryWrong, view.WrongNoTables)
	}
	only := make(map[string]bool, len(ids))
	for _, id := range ids {
		only[id] = true
	}
	f, err := download.ParseFormat(c.r.PostForm)
	if err != nil {
		return err
	}
	return s.sendExport(c, f, workspace.TableFilter{}, only)
}

//go:embed sample.zip
var sample []byte

// loadSample uploads the sample as a person would.
func (s *Server) loadSample(c *call) error {
	form := &uploadForm{convert: true}
	if err := form.takeContent(c.Folder, "sample.zip", bytes.NewReader(sample)); err != nil {
		form.discard()
		return err
	}
	_, err := s.accept(c, form)
	return err
}
