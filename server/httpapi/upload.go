package httpapi

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"unicode"

	"ret/server/files"
	"ret/server/jobs"
	"ret/shared/archive"
	"ret/shared/fault"
	"ret/shared/workspace"
)

// multipartRoom is what a form may need beyond its files: a recipe and a little more.
const multipartRoom = maxRecipeBytes + 1<<20

type uploadedJSON struct {
	Items []*workspace.File `json:"items"`
	Job   *workspace.Job    `json:"job"`
}

func (s *Server) upload(c *call) error {
	form, err := s.receive(c, uploadForm{convert: c.r.URL.Query().Get("convert") == "1"})
	if err != nil {
		return err
	}
	accepted, err := s.accept(c, form)
	if err != nil {
		return err
	}
	return writeJSON(c.w, http.StatusCreated, uploadedJSON{accepted.Files, accepted.Job})
}

// uploadForm is a multipart form as it comes in: fields first, then files, which
// lie in blobs already.
type uploadForm struct {
	id      string
	job     string // made by the client, or empty
	convert bool
	options json.RawMessage
	fields  map[string]string // of a page's form
	files   []*workspace.File
	blobs   []*files.Blob // this form's until accept hands them to the rows

	fieldCount, fieldBytes int
}

// receive streams an upload to disk. If it fails, nothing of it is left.
func (s *Server) receive(c *call, form uploadForm) (_ *uploadForm, err error) {
	if err := s.allow(c.w, s.Limits.Upload(c.session.ID)); err != nil {
		return nil, err
	}
	if c.r.ContentLength > s.Config.MaxUploadBytes+multipartRoom {
		return nil, s.errUploadTooLarge()
	}
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, s.Config.MaxUploadBytes+multipartRoom)
	defer c.untilEnded()()
	recorderOf(c.w).flow.expectUpload()
	defer func() {
		if err != nil {
			form.discard()
		}
	}()
	reader, err := c.r.MultipartReader()
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "An upload must be a multipart form with parts named \"file\".")
	}
	form.fields = map[string]string{}
	for {
		part, err := reader.NextRawPart()
		if err == io.EOF {
			return &form, nil
		}
		if err == nil {
			err = form.take(c.Folder, part)
		}
		if err == nil && len(form.files) > maxFormFiles {
			err = fault.New(fault.TooLarge, "One upload may bring %d files. Put them into a ZIP, or send them in several uploads.", maxFormFiles)
		}
		if err != nil {
			return nil, s.explainUpload(err)
		}
	}
}

// explainUpload tells an upload that was cut off from one that is wrong. What the
// server could not do says so itself: what is left is what the client sent.
func (s *Server) explainUpload(err error) error {
	switch {
	case errors.As(err, new(*http.MaxBytesError)):
		return s.errUploadTooLarge()
	case errors.As(err, new(*fault.Error)):
		return err
	default:
		return fault.Wrap(fault.Invalid, err, "The upload broke off or is not a proper form, and nothing was kept of it. Please try again.")
	}
}

func (s *Server) errUploadTooLarge() error {
	return fault.New(fault.TooLarge, "One upload may have %d MB. Split it up, or ask whoever runs this server to raise RET_MAX_UPLOAD_BYTES.", s.Config.MaxUploadBytes>>20)
}

// Bounds of a form: of its fields that are not files, each and together with their
// names, and of its files, of which a little is remembered until they are accepted.
const (
	maxFieldBytes  = 64 << 10
	maxFieldsBytes = maxRecipeBytes + 256<<10
	maxFields      = 100
	maxFormFiles   = 10_000
)

// fieldLimit bounds a field that is not a file. Options may have a layout in them.
func fieldLimit(name string) int64 {
	switch name {
	case "recipe":
		return maxRecipeBytes
	case "options":
		return jobs.MaxOptionsBytes
	}
	return maxFieldBytes
}

func (f *uploadForm) take(folder *files.Folder, part *multipart.Part) error {
	if part.FormName() == "file" {
		name := partFileName(part)
		if name == "" {
			return nil // an empty choice in a page's form
		}
		return f.takeContent(folder, cleanName(name), part)
	}
	limit := fieldLimit(part.FormName())
	value, err := io.ReadAll(io.LimitReader(part, limit+1))
	if err != nil {
		return err
	}
	f.fieldCount++
	f.fieldBytes += len(value) + len(part.FormName())
	switch {
	case int64(len(value)) > limit && part.FormName() == "recipe":
		return errRecipeTooLong(nil)
	case int64(len(value)) > limit:
		return fault.New(fault.TooLarge, "A field of this form is too long.")
	case f.fieldCount > maxFields, f.fieldBytes > maxFieldsBytes:
		return fault.New(fault.TooLarge, "This form has too many fields, or too much in them.")
	}
	switch part.FormName() {
	case "id":
		f.id = string(value)
		return workspace.CheckID(f.id)
	case "job":
		f.job = string(value)
		return workspace.CheckID(f.job)
	case "options":
		f.options = value
	default:
		f.fields[part.FormName()] = string(value)
	}
	return nil
}

// takeContent streams one file to disk.
func (f *uploadForm) takeContent(folder *files.Folder, name string, content io.Reader) error {
	blob, err := folder.CreateInput()
	if err != nil {
		return err
	}
	f.blobs = append(f.blobs, blob)
	sum, head := sha256.New(), &headKeeper{}
	if _, err := io.Copy(io.MultiWriter(blob, sum, head), content); err != nil {
		return fmt.Errorf("receive file: %w", err)
	}
	if err := blob.Close(); err != nil {
		return err
	}
	f.files = append(f.files, &workspace.File{
		Name: name, Size: blob.Size(), SHA256: hex.EncodeToString(sum.Sum(nil)),
		Kind: archive.Kind(head.kept), Blob: blob.Name(),
	})
	return nil
}

// partFileName is the file name of a part as the client says it, which
// multipart.Part cuts short to its last part.
func partFileName(part *multipart.Part) string {
	if part.FileName() == "" {
		return ""
	}
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil {
		return part.FileName()
	}
	return params["filename"]
}

// cleanName makes a client's file name fit to be shown, without control characters.
// A file that was chosen with its folder keeps its path below that. Any other path is
// one on the client's own disk, and only its last part is kept. It is never used as a
// name on disk.
func cleanName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
	if !isBelowFolder(name) {
		name = name[strings.LastIndexAny(name, `/\`)+1:]
	}
	if strings.TrimSpace(name) == "" {
		return "file"
	}
	return name
}

// isBelowFolder reports whether a name is a path that only goes down.
func isBelowFolder(name string) bool {
	if strings.ContainsAny(name, `\:`) {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		if part = strings.TrimSpace(part); part == "" || part == "." || part == ".." {
			return false
		}
	}
	return true
}

// headKeeper keeps the first bytes of what is written to it.
type headKeeper struct{ kept []byte }

func (h *headKeeper) Write(p []byte) (int, error) {
	if room := archive.SniffBytes - len(h.kept); room > 0 {
		h.kept = append(h.kept, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

func (f *uploadForm) discard() {
	for _, blob := range f.blobs {
		blob.Discard()
	}
}

// digest is equal for uploads that bring the same.
func (f *uploadForm) digest() string {
	sum := sha256.New()
	for _, file := range f.files {
		fmt.Fprintf(sum, "%q %d %s\n", file.Name, file.Size, file.SHA256)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// accept writes an upload down, with its job if one was asked for. The form's blobs
// are the rows' when the transaction is committed, and gone in every other case.
func (s *Server) accept(c *call, form *uploadForm) (out workspace.Accepted, err error) {
	recorded := false
	defer func() {
		if !recorded {
			form.discard()
		}
	}()
	up, err := s.describeUpload(form)
	if err != nil {
		return out, err
	}
	if up.Job != nil {
		done, err := c.Expect(c.r.Context())
		if err != nil {
			return out, err
		}
		defer done()
	}
	for _, blob := range form.blobs {
		if err := blob.Commit(); err != nil {
			return out, err
		}
	}
	if err := c.Folder.SyncInputs(); err != nil {
		return out, err
	}
	if out, err = c.Accept(c.r.Context(), up); err != nil || out.Repeated {
		return out, err
	}
	recorded = true
	for _, blob := range form.blobs {
		c.Folder.Recorded(blob.Name())
	}
	return out, s.runIfAlone(c, out.Job)
}

func (s *Server) describeUpload(form *uploadForm) (workspace.Upload, error) {
	up := workspace.Upload{ID: form.id, Files: form.files, Digest: form.digest(), MaxSessionBytes: s.Config.MaxSessionBytes}
	if len(form.files) == 0 {
		return up, fault.New(fault.Invalid, "There is no file in this upload. Choose at least one.")
	}
	if up.ID == "" {
		up.ID = workspace.NewID()
	} else {
		// A client that made the id knows its file by it before it is here.
		up.Files[0].ID = up.ID
	}
	if !form.convert {
		return up, nil
	}
	job, err := jobs.New("convert", form.options, s.Config.JobMaxAttempts)
	if err != nil {
		return up, err
	}
	job.ID = form.job
	up.Job = &job
	return up, nil
}
