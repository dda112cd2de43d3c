package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"ret/server/files"
	"ret/server/httpapi/chain"
	"ret/server/httpapi/work"
	"ret/shared/archive"
	"ret/shared/fault"
	"ret/shared/workspace"
)

// offsetHeader says where a piece begins and, in an answer, how much of an upload
// is on disk.
const offsetHeader = "Upload-Offset"

type pieceJSON struct {
	ID     string `json:"id"`
	Offset int64  `json:"offset"`
}

// uploadOffset tells a client that comes back where to go on.
func (s *Server) uploadOffset(c *chain.Call) error {
	id := c.R.PathValue("id")
	offset, err := arrived(c, id)
	if err != nil {
		return err
	}
	setOffset(c.W, offset)
	return chain.WriteJSON(c.W, http.StatusOK, pieceJSON{id, offset})
}

// arrived is how much of an upload is here: all of it once it is accepted, so
// that whoever missed that answer sends nothing again.
func arrived(c *chain.Call, id string) (int64, error) {
	file, err := c.File(c.R.Context(), id)
	if err == nil {
		return file.Size, nil
	}
	if !fault.Is(err, fault.NotFound) {
		return 0, err
	}
	return c.Folder.PartialSize(id)
}

func setOffset(w http.ResponseWriter, offset int64) {
	w.Header().Set(offsetHeader, strconv.FormatInt(offset, 10))
}

// errElsewhere answers a piece that does not begin where the last one ended.
func errElsewhere(w http.ResponseWriter, offset int64) error {
	setOffset(w, offset)
	return fault.New(fault.Conflict, "This upload stands at byte %d. Go on from there.", offset)
}

// appendPiece adds a piece to an upload; the first one begins it. What arrives of
// a piece that is cut off stays.
func (s *Server) appendPiece(c *chain.Call) error {
	id := c.R.PathValue("id")
	if err := workspace.CheckID(id); err != nil {
		return err
	}
	at, err := strconv.ParseInt(c.R.Header.Get(offsetHeader), 10, 64)
	if err != nil || at < 0 {
		return fault.New(fault.Invalid, "A piece needs the header %s: the byte at which it begins, from 0.", offsetHeader)
	}
	if at == 0 {
		if err := s.Allow(c.W, s.Limits.Upload(c.Session.ID)); err != nil {
			return err
		}
	}
	if file, err := c.File(c.R.Context(), id); err == nil {
		return errElsewhere(c.W, file.Size)
	}
	if err := s.takeTurn(c, id, at); err != nil {
		return err
	}
	c.W.WriteHeader(http.StatusNoContent)
	return nil
}

// takeTurn takes a piece when the upload is free for it.
func (s *Server) takeTurn(c *chain.Call, id string, at int64) error {
	defer c.UntilEnded()()
	flow := chain.RecorderOf(c.W).Flow
	flow.ExpectUpload()
	p, err := c.Folder.TakePartial(c.R.Context(), id, at == 0, flow.StopReading)
	if err != nil {
		return err
	}
	err = s.takePiece(c, p, at)
	if err != nil && p.Size() == 0 {
		err = errors.Join(err, p.Drop())
	}
	p.Release()
	return err
}

func (s *Server) takePiece(c *chain.Call, p *files.Partial, at int64) error {
	if at != p.Size() {
		return errElsewhere(c.W, p.Size())
	}
	room := max(0, s.Config.MaxUploadBytes-at)
	if c.R.ContentLength > room {
		return s.ErrUploadTooLarge()
	}
	if err := c.Folder.Space().Check(max(0, c.R.ContentLength)); err != nil {
		return explainFull(err, p)
	}
	err := p.Append(http.MaxBytesReader(c.W, c.R.Body, room))
	setOffset(c.W, p.Size())
	switch {
	case err == nil:
		return nil
	case errors.As(err, new(*http.MaxBytesError)):
		return s.ErrUploadTooLarge()
	case errors.As(err, new(*fault.Error)):
		return explainFull(err, p)
	default:
		return fault.Wrap(fault.Conflict, err, "The piece broke off. What arrived of it is kept: go on from byte %d.", p.Size())
	}
}

// explainFull says of a full disk what became of what had arrived.
func explainFull(err error, p *files.Partial) error {
	if !fault.Is(err, fault.NoSpace) || p.Size() == 0 {
		return err
	}
	return fault.Wrap(fault.NoSpace, err, "The server's disk is full. What it has of this upload is kept, so that it can go on from byte %d. Delete files you no longer need, or tell whoever runs this server.", p.Size())
}

// completion says what an upload in pieces was to be.
type completion struct {
	Name    string          `json:"name"`
	Size    int64           `json:"size"`
	SHA256  string          `json:"sha256"`
	Convert bool            `json:"convert"`
	Options json.RawMessage `json:"options"`
	Job     string          `json:"job"`
}

// form is the upload as if it had come in one request.
func (b completion) form(id string) (*work.UploadForm, error) {
	if err := workspace.CheckID(id); err != nil {
		return nil, err
	}
	if b.Job != "" {
		if err := workspace.CheckID(b.Job); err != nil {
			return nil, err
		}
	}
	if sum, err := hex.DecodeString(b.SHA256); err != nil || len(sum) != sha256.Size || hex.EncodeToString(sum) != b.SHA256 {
		return nil, fault.New(fault.Invalid, "sha256 must be the digest of the whole file, in lower-case hex.")
	}
	file := &workspace.File{Name: work.CleanName(b.Name), Size: b.Size, SHA256: b.SHA256}
	return &work.UploadForm{ID: id, Job: b.Job, Convert: b.Convert, Options: b.Options, Files: []*workspace.File{file}}, nil
}

// completeUpload accepts an upload whose pieces are all here, as POST /files does.
func (s *Server) completeUpload(c *chain.Call) error {
	var body completion
	if err := chain.ReadJSON(c.W, c.R, &body); err != nil {
		return err
	}
	form, err := body.form(c.R.PathValue("id"))
	if err != nil {
		return err
	}
	earlier := workspace.Upload{ID: form.ID, Digest: form.Digest()}
	accepted, err := c.Accepted(c.R.Context(), earlier)
	if fault.Is(err, fault.NotFound) {
		accepted, err = s.acceptPieces(c, form)
	}
	if fault.Is(err, fault.NotFound) {
		// Another request may have completed it since.
		accepted, err = c.Accepted(c.R.Context(), earlier)
	}
	if err != nil {
		return err
	}
	return chain.WriteJSON(c.W, http.StatusCreated, uploadedJSON{accepted.Files, accepted.Job})
}

// acceptPieces checks what has arrived and writes it down. Whatever goes wrong
// before that leaves the pieces as they are, but for those of other content.
func (s *Server) acceptPieces(c *chain.Call, form *work.UploadForm) (accepted workspace.Accepted, err error) {
	p, err := c.Folder.TakePartial(c.R.Context(), form.ID, false, nil)
	if err != nil {
		return accepted, err
	}
	defer p.Release()
	if err := checkPieces(c, p, form.Files[0]); err != nil {
		return accepted, err
	}
	blob, err := p.Blob()
	if err != nil {
		return accepted, err
	}
	form.Files[0].Blob, form.Blobs = blob.Name(), []*files.Blob{blob}
	accepted, err = s.Accept(c, form)
	if len(accepted.Files) > 0 {
		err = errors.Join(err, p.Drop())
	}
	return accepted, err
}

// checkPieces sets the file's kind, or says why what has arrived is not the file.
func checkPieces(c *chain.Call, p *files.Partial, file *workspace.File) error {
	if p.Size() < file.Size {
		return errElsewhere(c.W, p.Size())
	}
	sum, head := sha256.New(), &work.HeadKeeper{}
	if err := readPieces(p, io.MultiWriter(sum, head)); err != nil {
		return err
	}
	if p.Size() == file.Size && hex.EncodeToString(sum.Sum(nil)) == file.SHA256 {
		file.Kind = archive.Kind(head.Kept)
		return nil
	}
	setOffset(c.W, 0)
	differs := fault.New(fault.Conflict, "What arrived is not the file that was announced, so it was dropped. Send it again from the start.")
	return errors.Join(differs, p.Drop())
}

func readPieces(p *files.Partial, to io.Writer) error {
	content, err := p.Open()
	if err != nil {
		return err
	}
	defer content.Close()
	if _, err := io.Copy(to, content); err != nil {
		return fmt.Errorf("read pieces: %w", err)
	}
	return nil
}

// giveUpUpload drops what has arrived of an upload.
func (s *Server) giveUpUpload(c *chain.Call) error {
	p, err := c.Folder.TakePartial(c.R.Context(), c.R.PathValue("id"), false, nil)
	if err != nil {
		return err
	}
	defer p.Release()
	if err := p.Drop(); err != nil {
		return err
	}
	c.W.WriteHeader(http.StatusNoContent)
	return nil
}
