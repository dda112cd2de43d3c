package work

import (
	"bufio"
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
	"ret/server/httpapi/chain"
	"ret/server/jobs"
	"ret/shared/archive"
	"ret/shared/fault"
	"ret/shared/workspace"
)

// multipartRoom is what a form may need beyond its files: a recipe and a little more.
const multipartRoom = MaxRecipeBytes + 1<<20

// UploadForm is a multipart form as it comes in: fields first, then files, which
// lie in blobs already.
type UploadForm struct {
	ID      string
	Job     string // made by the client, or empty
	Convert bool
	Options json.RawMessage
	Fields  map[string]string // of a page's form
	Files   []*workspace.File
	Blobs   []*files.Blob // this form's until accept hands them to the rows

	fieldCount, fieldBytes int
}

// Receive streams an upload to disk. If it fails, nothing of it is left.
func (s *Server) Receive(c *chain.Call, form UploadForm) (_ *UploadForm, err error) {
	if err := s.Allow(c.W, s.Limits.Upload(c.Session.ID)); err != nil {
		return nil, err
	}
	if c.R.ContentLength > s.Config.MaxUploadBytes+multipartRoom {
		return nil, s.ErrUploadTooLarge()
	}
	c.R.Body = http.MaxBytesReader(c.W, c.R.Body, s.Config.MaxUploadBytes+multipartRoom)
	c.R.Body = readAhead(c.R.Body)
	defer c.UntilEnded()()
	chain.RecorderOf(c.W).Flow.ExpectUpload()
	defer func() {
		if err != nil {
			form.Discard()
		}
	}()
	reader, err := c.R.MultipartReader()
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "An upload must be a multipart form with parts named \"file\".")
	}
	form.Fields = map[string]string{}
	for {
		part, err := reader.NextRawPart()
		if err == io.EOF {
			return &form, nil
		}
		if err == nil {
			err = form.take(c.Folder, part)
		}
		if err == nil && len(form.Files) > maxFormFiles {
			err = fault.New(fault.TooLarge, "One upload may bring %d files. Put them into a ZIP, or send them in several uploads.", maxFormFiles)
		}
		if err != nil {
			return nil, s.explainUpload(err)
		}
	}
}

// readAhead reads of a body as much at once as has come: the reader of forms asks for a
// page of memory, and each reading is a call of the system.
func readAhead(body io.ReadCloser) io.ReadCloser {
	return struct {
		io.Reader
		io.Closer
	}{bufio.NewReaderSize(body, 64<<10), body}
}

// explainUpload tells an upload that was cut off from one that is wrong. What the
// server could not do says so itself: what is left is what the client sent.
func (s *Server) explainUpload(err error) error {
	switch {
	case errors.As(err, new(*http.MaxBytesError)):
		return s.ErrUploadTooLarge()
	case errors.As(err, new(*fault.Error)):
		return err
	default:
		return fault.Wrap(fault.Invalid, err, "The upload broke off or is not a proper form, and nothing was kept of it. Please try again.")
	}
}

// ErrUploadTooLarge says how much one upload may have.
func (s *Server) ErrUploadTooLarge() error {
	return fault.New(fault.TooLarge, "One upload may have %d MB. Split it up, or ask whoever runs this server to raise RET_MAX_UPLOAD_BYTES.", s.Config.MaxUploadBytes>>20)
}

// Bounds of a form: of its fields that are not files, each and together with their
// names, and of its files, of which a little is remembered until they are accepted.
const (
	maxFieldBytes  = 64 << 10
	maxFieldsBytes = MaxRecipeBytes + 256<<10
	maxFields      = 100
	maxFormFiles   = 10_000
)

// fieldLimit bounds a field that is not a file. Options may have a layout in them.
func fieldLimit(name string) int64 {
	switch name {
	case "recipe":
		return MaxRecipeBytes
	case "options":
		return jobs.MaxOptionsBytes
	}
	return maxFieldBytes
}

func (f *UploadForm) take(folder *files.Folder, part *multipart.Part) error {
	if part.FormName() == "file" {
		name := partFileName(part)
		if name == "" {
			return nil // an empty choice in a page's form
		}
		return f.TakeContent(folder, CleanName(name), part)
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
		return errRecipeTooLong()
	case int64(len(value)) > limit:
		return fault.New(fault.TooLarge, "A field of this form is too long.")
	case f.fieldCount > maxFields, f.fieldBytes > maxFieldsBytes:
		return fault.New(fault.TooLarge, "This form has too many fields, or too much in them.")
	}
	switch part.FormName() {
	case "id":
		f.ID = string(value)
		return workspace.CheckID(f.ID)
	case "job":
		f.Job = string(value)
		return workspace.CheckID(f.Job)
	case "options":
		f.Options = value
	default:
		f.Fields[part.FormName()] = string(value)
	}
	return nil
}

// TakeContent streams one file to disk.
func (f *UploadForm) TakeContent(folder *files.Folder, name string, content io.Reader) error {
	blob, err := folder.CreateInput()
	if err != nil {
		return err
	}
	f.Blobs = append(f.Blobs, blob)
	sum, head := sha256.New(), &HeadKeeper{}
	if _, err := io.Copy(io.MultiWriter(blob, sum, head), content); err != nil {
		return fmt.Errorf("receive file: %w", err)
	}
	if err := blob.Close(); err != nil {
		return err
	}
	f.Files = append(f.Files, &workspace.File{
		Name: name, Size: blob.Size(), SHA256: hex.EncodeToString(sum.Sum(nil)),
		Kind: archive.Kind(head.Kept), Blob: blob.Name(),
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

// CleanName makes a client's file name fit to be shown, without control characters.
// A file that was chosen with its folder keeps its path below that. Any other path is
// one on the client's own disk, and only its last part is kept. It is never used as a
// name on disk.
func CleanName(name string) string {
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

// HeadKeeper keeps the first bytes of what is written to it.
type HeadKeeper struct{ Kept []byte }

func (h *HeadKeeper) Write(p []byte) (int, error) {
	if room := archive.SniffBytes - len(h.Kept); room > 0 {
		h.Kept = append(h.Kept, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

// Discard unlinks what nobody has taken over.
func (f *UploadForm) Discard() {
	for _, blob := range f.Blobs {
		blob.Discard()
	}
}

// Digest is equal for uploads that bring the same.
func (f *UploadForm) Digest() string {
	sum := sha256.New()
	for _, file := range f.Files {
		fmt.Fprintf(sum, "%q %d %s\n", file.Name, file.Size, file.SHA256)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Accept writes an upload down, with its job if one was asked for. The form's blobs
// are the rows' when the transaction is committed, and gone in every other case.
func (s *Server) Accept(c *chain.Call, form *UploadForm) (out workspace.Accepted, err error) {
	recorded := false
	defer func() {
		if !recorded {
			form.Discard()
		}
	}()
	up, err := s.describeUpload(form)
	if err != nil {
		return out, err
	}
	if up.Job != nil {
		done, err := c.Expect(c.R.Context())
		if err != nil {
			return out, err
		}
		defer done()
	}
	for _, blob := range form.Blobs {
		if err := blob.Commit(); err != nil {
			return out, err
		}
	}
	if err := c.Folder.SyncInputs(); err != nil {
		return out, err
	}
	if out, err = c.Accept(c.R.Context(), up); err != nil || out.Repeated {
		return out, err
	}
	recorded = true
	for _, blob := range form.Blobs {
		c.Folder.Recorded(blob.Name())
	}
	return out, s.runIfAlone(c, out.Job)
}

func (s *Server) describeUpload(form *UploadForm) (workspace.Upload, error) {
	up := workspace.Upload{ID: form.ID, Files: form.Files, Digest: form.Digest(), MaxSessionBytes: s.Config.MaxSessionBytes}
	if len(form.Files) == 0 {
		return up, fault.New(fault.Invalid, "There is no file in this upload. Choose at least one.")
	}
	if up.ID == "" {
		up.ID = workspace.NewID()
	} else {
		// A client that made the id knows its file by it before it is here.
		up.Files[0].ID = up.ID
	}
	if !form.Convert {
		return up, nil
	}
	job, err := jobs.New("convert", form.Options, s.Config.JobMaxAttempts)
	if err != nil {
		return up, err
	}
	job.ID = form.Job
	up.Job = &job
	return up, nil
}
