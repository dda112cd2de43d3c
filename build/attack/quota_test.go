package attack

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"ret/build/retproc"
	"ret/shared/seal"
)

// onDisk is what the files below the sessions' folders come to.
func onDisk(t testing.TB, server *retproc.Server, area string) (sum int64) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(server.Runtime, "sessions", "*", area, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		if info, err := os.Stat(path); err == nil { // it may be gone since
			sum += info.Size()
		}
	}
	return sum
}

// contentOnDisk is what an area's files hold for the session: what sealing adds to that, up
// to a thousandth, is not the session's and does not count against its limit.
func contentOnDisk(t testing.TB, server *retproc.Server, area string) (sum int64) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(server.Runtime, "sessions", "*", area, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		if info, err := os.Stat(path); err == nil {
			size := info.Size()
			if area == "partial" {
				size -= pieceHead
			}
			plain, _ := seal.PlainSize(size)
			sum += plain
		}
	}
	return sum
}

// pieceHead is what stands before each piece of an upload: a mark and its length.
const pieceHead = 16

// Thirty uploads at once, whole or in pieces, get no more than one after the other
// would, not even on their way; and what is deleted can be used again.
func TestQuotaInParallel(t *testing.T) {
	const limit = 20 << 20
	server := start(t, "RET_MAX_SESSION_BYTES=20MiB")
	who := signIn(t, server, "admin")
	content := bytes.Repeat([]byte("x"), 6<<20)
	var most int64
	besiege(t, server, func() {
		done := make(chan struct{})
		var watch, all sync.WaitGroup
		watch.Go(func() {
			for {
				most = max(most, contentOnDisk(t, server, "input")+contentOnDisk(t, server, "partial"))
				select {
				case <-done:
					return
				case <-time.After(2 * time.Millisecond): // not to take the server's time
				}
			}
		})
		for i := range 30 {
			all.Go(func() {
				var a *answer
				if i%2 == 0 {
					a = who.upload("/api/v1/files", fmt.Sprint(i), content)
				} else {
					a = who.do("PATCH", "/api/v1/uploads/"+uuid.Must(uuid.NewV7()).String(), content, "Upload-Offset", "0")
				}
				if a.status != 201 && a.status != 204 && a.status != 413 && a.err == nil {
					t.Errorf("%s: %d %s", a.request, a.status, a.content)
				}
			})
		}
		all.Wait()
		close(done)
		watch.Wait()
	})
	if most > limit || most == 0 {
		t.Errorf("%d MB of %d were on the disk", most>>20, limit>>20)
	}
}

// Room that nothing uses any more is free again: of uploads that were refused, of
// files and tables that were deleted, of pieces that were given up.
func TestQuotaIsGivenBack(t *testing.T) {
	server := start(t, "RET_MAX_SESSION_BYTES=2MiB")
	who := signIn(t, server, "admin")
	doc := books(6000) // 0.5 MB, and a table of 0.3
	file, _ := who.convert("books.xml", doc)
	who.do("DELETE", "/api/v1/files/"+file, nil).want(t, 204)
	open := openFiles(server)
	for range 8 {
		file, _ := who.convert("books.xml", doc)
		who.upload("/api/v1/files", "large", make([]byte, 2<<20)).want(t, 413)
		id := uuid.Must(uuid.NewV7()).String()
		who.do("PATCH", "/api/v1/uploads/"+id, make([]byte, 512<<10), "Upload-Offset", "0").want(t, 204)
		who.do("DELETE", "/api/v1/uploads/"+id, nil).want(t, 204)
		who.do("DELETE", "/api/v1/files/"+file, nil).want(t, 204)
	}
	who.upload("/api/v1/files", "fits", make([]byte, 2<<20-100)).want(t, 201)
	if n := openFiles(server); n > open+4 { // connections to databases come and go
		t.Errorf("%d files are open, before %d", n, open)
	}
}

// form makes a form of so many parts, each from one call.
func form(t testing.TB, parts int, part func(w *multipart.Writer, i int) (io.Writer, error), content []byte) (body []byte, kind string) {
	t.Helper()
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for i := range parts {
		p, err := part(w, i)
		if err == nil {
			_, err = p.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes(), w.FormDataContentType()
}

// Fields are bounded by their number and their sum, and files of a form are closed
// as they end.
func TestFormsOfManyParts(t *testing.T) {
	server := start(t)
	who := signIn(t, server, "admin")
	fields, kind := form(t, 4000, func(w *multipart.Writer, i int) (io.Writer, error) {
		return w.CreateFormField(fmt.Sprint("field", i))
	}, bytes.Repeat([]byte("x"), 60_000))
	f := besiege(t, server, func() {
		if a := who.do("POST", "/api/v1/files", fields, "Content-Type", kind); a.err == nil {
			a.want(t, 413)
		}
	})
	if f.grew > 20<<20 {
		t.Errorf("4,000 fields took %d MB", f.grew>>20)
	}
	files, kind := form(t, 900, func(w *multipart.Writer, i int) (io.Writer, error) {
		return w.CreateFormFile("file", fmt.Sprint(i, ".txt"))
	}, []byte("content"))
	var most int
	besiege(t, server, func() {
		done := make(chan struct{})
		var watch sync.WaitGroup
		watch.Go(func() {
			for {
				most = max(most, openFiles(server))
				select {
				case <-done:
					return
				case <-time.After(2 * time.Millisecond): // not to take the server's time
				}
			}
		})
		who.do("POST", "/api/v1/files", files, "Content-Type", kind).want(t, 201)
		close(done)
		watch.Wait()
	})
	if most == 0 || most >= 40 {
		t.Errorf("900 files in a form had %d open at once", most)
	}
}

// What the server cannot do is not told as the person's fault.
func TestServersFaultInAnUploadIsTheServers(t *testing.T) {
	server := start(t)
	who := signIn(t, server, "admin")
	who.upload("/api/v1/files", "a", []byte("a")).want(t, 201)
	inputs := filepath.Dir(blob(t, server, "input"))
	if err := os.Rename(inputs, inputs+".away"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(inputs, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	who.upload("/api/v1/files", "b", []byte("b")).want(t, 500)
}
