package system

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"ret/shared/seal"
)

// pieces is an upload in pieces.
type pieces struct {
	*client
	id   string
	file file
}

func (c *client) inPieces(f file) *pieces {
	return &pieces{c, uuid.Must(uuid.NewV7()).String(), f}
}

func (p *pieces) path() string { return "/api/v1/uploads/" + p.id }

// send sends the bytes from one offset to another.
func (p *pieces) send(from, to int) *answer {
	p.t.Helper()
	// Refused pieces are not read, so their bytes wait for the server's word.
	return p.do("PATCH", p.path(), p.file.content[from:to], "Upload-Offset", strconv.Itoa(from), "Expect", "100-continue")
}

func (p *pieces) offset() int {
	p.t.Helper()
	a := p.do("GET", p.path(), nil).want(p.t, http.StatusOK)
	return int(a.object(p.t)["offset"].(float64))
}

// onDisk is how many bytes the server has written, encrypted, of pieces under way
// too.
func (p *pieces) onDisk() int64 {
	p.t.Helper()
	found, err := filepath.Glob(filepath.Join(p.server.Runtime, "sessions", "*", "partial", p.id))
	if err != nil || len(found) != 1 {
		return 0
	}
	info, err := os.Stat(found[0])
	if err != nil {
		p.t.Fatal(err)
	}
	return info.Size()
}

func (p *pieces) announced() map[string]any {
	sum := sha256.Sum256(p.file.content)
	return map[string]any{"name": p.file.name, "size": len(p.file.content), "sha256": hex.EncodeToString(sum[:]), "convert": true}
}

func (p *pieces) complete() *answer {
	p.t.Helper()
	return p.do("POST", p.path(), p.announced())
}

func wantOffset(t testing.TB, a *answer, offset int) {
	t.Helper()
	if got := a.Header.Get("Upload-Offset"); got != strconv.Itoa(offset) {
		t.Errorf("%s: Upload-Offset %q, want %d", a.request, got, offset)
	}
}

// sendUntilCut sends a piece whose connection is closed in the middle.
func (p *pieces) sendUntilCut(from, cut int) {
	p.t.Helper()
	body, feed := io.Pipe()
	req := p.request("PATCH", p.path(), body, "Upload-Offset", strconv.Itoa(from))
	req.ContentLength = int64(len(p.file.content) - from)
	go func() {
		_, _ = feed.Write(p.file.content[from:cut])
		feed.CloseWithError(io.ErrClosedPipe)
	}()
	if res, err := p.http.Do(req); err == nil {
		_ = res.Body.Close()
		p.t.Fatalf("a piece that was cut off got %s", res.Status)
	}
}

// An upload in pieces is the same as one in a single request: it survives a cut
// within a piece and a killed server between two.
func TestUploadInPieces(t *testing.T) {
	t.Parallel()
	server := start(t)
	who := admin(t, server)
	p := who.inPieces(file{"books.xml", []byte(books(20_000))})
	size := len(p.file.content)
	third := size / 3

	p.do("GET", p.path(), nil).want(t, http.StatusNotFound)
	wantOffset(t, p.send(0, third).want(t, http.StatusNoContent), third)
	p.sendUntilCut(third, third+100_000)
	eventually(t, 5*time.Second, "what arrived before the cut is kept", func() bool { return p.offset() == third+100_000 })
	wantOffset(t, p.send(third, 2*third).want(t, http.StatusConflict), third+100_000)
	wantOffset(t, p.complete().want(t, http.StatusConflict), third+100_000)

	server.Stop(t, syscall.SIGKILL)
	server.Restart(t)
	if got := p.offset(); got != third+100_000 {
		t.Fatalf("after a kill the upload stands at %d", got)
	}
	p.send(third+100_000, size).want(t, http.StatusNoContent)

	jobID := uuid.Must(uuid.NewV7()).String()
	announced := p.announced()
	announced["job"], announced["options"] = jobID, map[string]any{"max_repeat": 2}
	a := p.do("POST", p.path(), announced).want(t, http.StatusCreated)
	var accepted struct {
		Items []struct{ ID, Name, Kind string }
		Job   job
	}
	a.decode(t, &accepted)
	if len(accepted.Items) != 1 || accepted.Items[0].ID != p.id || accepted.Items[0].Kind != "xml" || accepted.Job.ID != jobID {
		t.Fatalf("accepted %+v", accepted)
	}
	if j := who.ended(jobID); j.State != "succeeded" || j.Result.Rows != 20_000 {
		t.Errorf("job %+v", j)
	}
	content := who.do("GET", "/api/v1/files/"+p.id+"/content", nil).want(t, http.StatusOK)
	if !bytes.Equal(content.content, p.file.content) {
		t.Error("the file is not what was sent")
	}

	// Whoever missed the answer asks again, and sends nothing twice.
	if got := p.offset(); got != size {
		t.Errorf("the complete upload stands at %d of %d", got, size)
	}
	wantOffset(t, p.send(0, third).want(t, http.StatusConflict), size)
	again := p.do("POST", p.path(), announced).want(t, http.StatusCreated)
	if again.object(t)["job"].(map[string]any)["id"] != jobID {
		t.Errorf("again: %s", again.content)
	}
	p.file.name = "other.xml"
	if other := p.complete().want(t, http.StatusConflict); other.Header.Get("Upload-Offset") != "" {
		t.Error("other content is told to go on")
	}
	for _, name := range filesBelow(t, server, "sessions") {
		if strings.Contains(name, "/partial/") {
			t.Errorf("left on disk: %s", name)
		}
	}
}

// What one session sends is nobody else's, and goes with it.
func TestPiecesBelongToASession(t *testing.T) {
	t.Parallel()
	server := start(t)
	p := admin(t, server).inPieces(text("a.xml", books(100)))
	p.send(0, 50).want(t, http.StatusNoContent)
	other := &pieces{admin(t, server), p.id, p.file}
	for _, method := range []string{"GET", "DELETE"} {
		other.do(method, p.path(), nil).want(t, http.StatusNotFound)
	}
	other.send(50, 60).want(t, http.StatusNotFound)
	other.complete().want(t, http.StatusNotFound)
	stranger := &pieces{newClient(t, server), p.id, p.file}
	stranger.send(50, 60).want(t, http.StatusUnauthorized)
	if p.offset() != 50 {
		t.Error("someone else's request changed the upload")
	}
	p.do("POST", "/api/v1/logout", nil).want(t, http.StatusOK)
	other.do("POST", "/api/v1/logout", nil).want(t, http.StatusOK)
	eventually(t, 5*time.Second, "the pieces are unlinked", func() bool { return nothingLeft(t, server) })
}

// Other content than was announced is dropped, and can be sent again.
func TestPiecesOfOtherContent(t *testing.T) {
	t.Parallel()
	server := start(t)
	p := admin(t, server).inPieces(text("a.xml", books(100)))
	size := len(p.file.content)
	good := p.file.content
	p.file.content = bytes.Repeat([]byte{'x'}, size)
	p.send(0, size).want(t, http.StatusNoContent)
	p.file.content = good
	wantOffset(t, p.complete().want(t, http.StatusConflict), 0)
	p.do("GET", p.path(), nil).want(t, http.StatusNotFound)
	p.send(0, size).want(t, http.StatusNoContent)
	bad := p.announced()
	bad["options"] = map[string]any{"no_such": 1}
	p.do("POST", p.path(), bad).want(t, http.StatusBadRequest)
	p.complete().want(t, http.StatusCreated)

	given := p.inPieces(p.file)
	given.send(0, 10).want(t, http.StatusNoContent)
	given.do("DELETE", given.path(), nil).want(t, http.StatusNoContent)
	given.do("GET", given.path(), nil).want(t, http.StatusNotFound)
	given.do("PATCH", given.path(), []byte("x")).want(t, http.StatusBadRequest)
	given.do("PATCH", "/api/v1/uploads/..%2Fa", []byte("x"), "Upload-Offset", "0").want(t, http.StatusBadRequest)
	empty := p.inPieces(file{"empty.xml", nil})
	empty.send(0, 0).want(t, http.StatusNoContent)
	empty.complete().want(t, http.StatusCreated)
}

// Pieces that come at once never mix: one is taken, and the others are told where
// the upload stands. One that hangs is cut off by the next.
func TestConcurrentPieces(t *testing.T) {
	t.Parallel()
	who := admin(t, start(t))
	p := who.inPieces(text("a.xml", books(2000)))
	size := len(p.file.content)

	body, feed := io.Pipe()
	hanging := p.request("PATCH", p.path(), body, "Upload-Offset", "0")
	ended := make(chan error, 1)
	go func() {
		res, err := p.http.Do(hanging)
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode != http.StatusConflict {
				err = fmt.Errorf("a piece that was overtaken got %s", res.Status)
			}
		}
		ended <- err
	}()
	// More than is gathered of what is encrypted, so that it is written.
	const sent = 6*seal.Chunk + 1
	if _, err := feed.Write(p.file.content[:sent]); err != nil {
		t.Fatal(err)
	}
	defer feed.Close()
	eventually(t, 10*time.Second, "the first bytes are on disk", func() bool { return p.onDisk() > 3*seal.Chunk })
	wantOffset(t, p.send(0, size).want(t, http.StatusConflict), sent)
	_ = feed.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}

	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for at := p.offset(); at < size; at = p.offset() {
				if a := p.send(at, min(size, at+10_000)); a.StatusCode != http.StatusNoContent && a.StatusCode != http.StatusConflict {
					t.Errorf("%d: %s", a.StatusCode, a.content)
					return
				}
			}
		})
	}
	all.Wait()
	p.complete().want(t, http.StatusCreated)
}

// What has arrived counts against the limits of an upload and of a session.
func TestPiecesAreLimited(t *testing.T) {
	t.Parallel()
	server := start(t, "RET_MAX_UPLOAD_BYTES=4000", "RET_MAX_SESSION_BYTES=6000", "RATE_LIMIT_REQUESTS=100", "RATE_LIMIT_UPLOAD_REQUESTS=3")
	who := admin(t, server)
	first := who.inPieces(file{"a.bin", make([]byte, 5000)})
	first.send(0, 3000).want(t, http.StatusNoContent)
	first.send(3000, 5000).want(t, http.StatusRequestEntityTooLarge)
	first.send(3000, 4000).want(t, http.StatusNoContent)
	second := who.inPieces(file{"b.bin", make([]byte, 3000)})
	second.send(0, 1500).want(t, http.StatusNoContent)
	for _, a := range []*answer{
		second.send(1500, 3000),
		who.upload("/api/v1/files", nil, file{"c.bin", make([]byte, 2500)}),
	} {
		if a.want(t, http.StatusRequestEntityTooLarge); !strings.Contains(string(a.content), "session") {
			t.Errorf("%s: %s", a.request, a.content)
		}
	}
	third := who.inPieces(file{"d.bin", make([]byte, 10)})
	third.send(0, 10).want(t, http.StatusTooManyRequests)
	second.send(1500, 1600).want(t, http.StatusNoContent)
}

// A full disk leaves of an upload what had arrived, and says so.
func TestPiecesWithoutSpace(t *testing.T) {
	t.Parallel()
	who := admin(t, limited(t))
	p := who.inPieces(file{"large.txt", bytes.Repeat([]byte("x"), 6<<20)})
	p.send(0, 3<<20).want(t, http.StatusNoContent)
	full := p.send(3<<20, 6<<20).want(t, http.StatusInsufficientStorage)
	if got := string(full.content); strings.Contains(got, "nothing was kept") || !strings.Contains(got, fmt.Sprintf("from byte %d", p.offset())) {
		t.Errorf("of an upload that stands at %d it says %s", p.offset(), got)
	}
	if p.offset() < 3<<20 {
		t.Errorf("kept are %d bytes", p.offset())
	}
}
