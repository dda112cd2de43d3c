package system

import (
	"bufio"
	"fmt"
	"io"
	"mime/multipart"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"ret/build/retproc"
)

// maxResidentBytes is what a conversion may take, however large its input.
const maxResidentBytes = 150 << 20

// Ten thousand small files, and one of 500 MB, convert in little memory, with the
// command and on the server.
func TestMemory(t *testing.T) {
	if !soak {
		t.Log("only under RET_SOAK=1: it moves gigabytes")
		return
	}
	dir := t.TempDir()
	small, large := filepath.Join(dir, "small.zip"), filepath.Join(dir, "large.xml")
	if err := os.WriteFile(small, manyBooks(t, 10_000, 20), 0o600); err != nil {
		t.Fatal(err)
	}
	writeLarge(t, large, 500<<20)
	for _, input := range []string{small, large} {
		t.Run(filepath.Base(input), func(t *testing.T) {
			t.Run("command", func(t *testing.T) { convertWithin(t, input) })
			t.Run("server", func(t *testing.T) { serveWithin(t, input) })
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

func convertWithin(t *testing.T, input string) {
	cmd := exec.CommandContext(t.Context(), ret, "convert", "-o", filepath.Join(t.TempDir(), "out"), input)
	cmd.Env = retproc.Env(t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %.400s", err, out)
	}
	const kibi = 1 << 10 // Maxrss counts in these
	wantResident(t, cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss*kibi)
}

func serveWithin(t *testing.T, input string) {
	server := start(t)
	who := admin(t, server)
	var accepted struct{ Job job }
	who.uploadPath(t, input).want(t, 201).decode(t, &accepted)
	if j := who.ended(accepted.Job.ID); j.State != "succeeded" || j.Result.Failed != 0 {
		t.Fatalf("%+v", j)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", server.PID()))
	if err != nil {
		t.Fatal(err)
	}
	_, line, found := strings.Cut(string(status), "VmHWM:")
	var kibibytes int64
	if _, err := fmt.Sscan(line, &kibibytes); err != nil || !found {
		t.Fatalf("no VmHWM: %v", err)
	}
	wantResident(t, kibibytes<<10)
}

func wantResident(t testing.TB, bytes int64) {
	t.Helper()
	t.Logf("at most %d MB resident", bytes>>20)
	if bytes > maxResidentBytes {
		t.Errorf("%d MB resident", bytes>>20)
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
