package system

import (
	"bufio"
	"fmt"
	"io"
	"mime/multipart"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"ret/build/resident"
	"ret/build/retproc"
)

// A hundred thousand small files, and one of a gigabyte, convert in little memory,
// with the command and on the server, which has its databases beside it.
func TestMemory(t *testing.T) {
	if !soak {
		t.Log("only under RET_SOAK=1: it moves gigabytes")
		return
	}
	dir := t.TempDir()
	small, large := filepath.Join(dir, "small.zip"), filepath.Join(dir, "large.xml")
	if err := os.WriteFile(small, manyBooks(t, 100_000, 2), 0o600); err != nil {
		t.Fatal(err)
	}
	writeLarge(t, large, 1_000_000_000)
	for _, input := range []struct {
		path                              string
		commandMegabytes, serverMegabytes int64
	}{{small, 128, 224}, {large, 64, 128}} {
		t.Run(filepath.Base(input.path), func(t *testing.T) {
			t.Run("command", func(t *testing.T) { convertWithin(t, input.path, input.commandMegabytes) })
			t.Run("server", func(t *testing.T) { serveWithin(t, input.path, input.serverMegabytes) })
		})
	}
}

func writeLarge(t testing.TB, path string, size int64) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	written, err := w.WriteString("<library>\n")
	for i := 0; err == nil && int64(written) < size; i++ {
		var n int
		n, err = fmt.Fprintf(w, "<book id=\"b%d\"><title>Title %d of the whole library</title><author>Author %d</author></book>\n", i, i, i%977)
		written += n
	}
	if err == nil {
		_, err = w.WriteString("</library>\n")
	}
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func convertWithin(t *testing.T, input string, megabytes int64) {
	cmd := exec.CommandContext(t.Context(), ret, "convert", "-o", filepath.Join(t.TempDir(), "out"), input)
	cmd.Env = retproc.Env(t.TempDir())
	peak, out, err := resident.Run(cmd)
	if err != nil {
		t.Fatalf("%v: %.400s", err, out)
	}
	wantResident(t, peak, megabytes)
}

func serveWithin(t *testing.T, input string, megabytes int64) {
	server := start(t)
	who := admin(t, server)
	var accepted struct{ Job job }
	who.uploadPath(t, input).want(t, 201).decode(t, &accepted)
	if j := who.ended(accepted.Job.ID); j.State != "succeeded" || j.Result.Failed != 0 {
		t.Fatalf("%+v", j)
	}
	wantResident(t, resident.Peak(server.PID()), megabytes)
}

func wantResident(t testing.TB, bytes, megabytes int64) {
	t.Helper()
	t.Logf("at most %d MB resident", bytes/1e6)
	if bytes == 0 || bytes >= megabytes*1e6 {
		t.Errorf("%d MB resident, want less than %d", bytes/1e6, megabytes)
	}
}

// uploadPath streams a file from disk.
func (c *client) uploadPath(t testing.TB, path string) *answer {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	reader, writer := io.Pipe()
	form := multipart.NewWriter(writer)
	go func() {
		part, err := form.CreateFormFile("file", filepath.Base(path))
		if err == nil {
			_, err = io.Copy(part, f)
		}
		if err == nil {
			err = form.Close()
		}
		_ = writer.CloseWithError(err)
	}()
	return c.do("POST", "/api/v1/files?convert=1", io.Reader(reader), "Content-Type", form.FormDataContentType())
}
