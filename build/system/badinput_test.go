package system

import (
	"bytes"
	"encoding/binary"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"ret/build/retproc"
)

// Bad input gets a sentence, and the good beside it converts.
func TestBadInput(t *testing.T) {
	t.Parallel()
	who := admin(t, start(t))
	good := text("good.xml", books(2))
	whole := makeZip(t, good, text("other.xml", books(2)))
	encrypted := bytes.Clone(whole)
	flagEncrypted(encrypted)
	damaged := bytes.Clone(whole)
	copy(damaged[45:], "????????????????")

	for _, bad := range []struct {
		name      string
		input     file
		state     string
		converted int
		says      string // in the errors, or in what became of it
	}{
		{"not a zip", file{"a.zip", []byte("PK\x03\x04 this is none")}, "failed", 0, ""},
		{"truncated", file{"a.zip", whole[:len(whole)/2]}, "failed", 0, ""},
		{"encrypted", file{"a.zip", encrypted}, "failed", 0, "encrypt"},
		{"one entry damaged", file{"a.zip", damaged}, "succeeded", 1, ""},
		{"no XML in it", file{"a.zip", makeZip(t, text("a.txt", "plain"))}, "failed", 0, ""},
		{"empty zip", file{"a.zip", makeZip(t)}, "failed", 0, ""},
		{"empty file", text("a.xml", ""), "failed", 0, ""},
		{"malformed", file{"a.zip", makeZip(t, good, text("bad.xml", "<a>\n <b></c>\n</a>"))}, "succeeded", 1, "</b>"},
		{"odd names", file{"a.zip", makeZip(t, text("../../up.xml", books(1)), text("/etc/abs.xml", books(1)), text("nul\x00.xml", books(1)),
			text(strings.Repeat("n", 300)+".xml", books(1)), text("日本語/ملف.xml", books(1)), text("twin.xml", books(1)), text("twin.xml", books(2)))}, "succeeded", 7, ""},
	} {
		t.Run(bad.name, func(t *testing.T) {
			j := who.convert("", bad.input)
			if j.State != bad.state || (j.Result != nil && j.Result.Converted != bad.converted) || (j.Result == nil && bad.converted > 0) {
				t.Errorf("%s, %+v, %+v", j.State, j.Result, j.Errors)
			}
			all := ""
			for _, e := range j.Errors {
				all += e.Message
				about := e.Path != "" || strings.HasPrefix(e.Message, "No file") || strings.HasPrefix(e.Message, "There is no XML")
				if !about || e.Message == "" || strings.Contains(e.Message, who.server.Runtime) {
					t.Errorf("error %+v", e)
				}
			}
			if !strings.Contains(all, bad.says) || bad.state == "failed" && all == "" {
				t.Errorf("the errors say %q", all)
			}
			if bad.name == "malformed" && (len(j.Errors) != 1 || j.Errors[0].Line != 2 || j.Errors[0].Column == 0) {
				t.Errorf("the place: %+v", j.Errors)
			}
			exported := who.exported(t, "", j)
			if len(exported) != bad.converted+1 {
				t.Errorf("%d files in the export", len(exported))
			}
			for name := range exported {
				if strings.Contains(name, "..") || strings.HasPrefix(name, "/") || strings.ContainsRune(name, 0) || len(name) > 255 {
					t.Errorf("the export holds %q", name)
				}
			}
		})
	}
	checkDisk(t, who)
}

// flagEncrypted marks all entries of an archive as encrypted.
func flagEncrypted(archive []byte) {
	for signature, at := range map[string]int{"PK\x03\x04": 6, "PK\x01\x02": 8} {
		for i := 0; ; i++ {
			next := bytes.Index(archive[i:], []byte(signature))
			if next < 0 {
				break
			}
			i += next
			flags := binary.LittleEndian.Uint16(archive[i+at:])
			binary.LittleEndian.PutUint16(archive[i+at:], flags|1)
		}
	}
}

func TestUploadTooLarge(t *testing.T) {
	t.Parallel()
	who := admin(t, start(t, "RET_MAX_UPLOAD_BYTES=1MiB", "RET_MAX_SESSION_BYTES=3MiB"))
	// The length that the request names is enough to refuse it: nobody reads this.
	unread := who.request("POST", "/api/v1/files", io.MultiReader(strings.NewReader("--x\r\n"), forever{}), "Content-Type", "multipart/form-data; boundary=x")
	unread.ContentLength = 1 << 40
	unread.Header.Set("Expect", "100-continue")
	res, err := who.http.Do(unread)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a body of a terabyte: %d", res.StatusCode)
	}
	content := bytes.Repeat([]byte("x"), 1<<20)
	for range 3 {
		who.upload("/api/v1/files", nil, file{"full.txt", content[:1<<20-100]}).want(t, 201)
	}
	who.upload("/api/v1/files", nil, file{"more.txt", content[:1<<19]}).want(t, 413)
	if left := inputs(t, who); left != 3 {
		t.Errorf("%d blobs of 3 files", left)
	}
}

type forever struct{}

func (forever) Read(p []byte) (int, error) { return len(p), nil }

func inputs(t testing.TB, c *client) (n int) {
	t.Helper()
	for _, name := range filesBelow(t, c.server, "sessions") {
		if strings.Contains(name, "/input/") {
			n++
		}
	}
	return n
}

func TestUploadCutOff(t *testing.T) {
	t.Parallel()
	who := admin(t, start(t))
	body, kind := multipartOf(t, nil, file{"a.xml", bytes.Repeat([]byte("x"), 1<<20)})
	reader, writer := io.Pipe()
	done := make(chan error, 1)
	go func() {
		req := who.request("POST", "/api/v1/files", io.Reader(reader), "Content-Type", kind)
		res, err := who.http.Do(req)
		if err == nil {
			res.Body.Close()
		}
		done <- err
	}()
	if _, err := writer.Write(body[:len(body)/2]); err != nil {
		t.Fatal(err)
	}
	eventually(t, 5*time.Second, "half of it is on disk", func() bool { return inputs(t, who) == 1 })
	_ = writer.CloseWithError(io.ErrUnexpectedEOF)
	if err := <-done; err == nil {
		t.Error("an upload that broke off was answered")
	}
	eventually(t, 5*time.Second, "nothing is left of it", func() bool { return inputs(t, who) == 0 })
	if all := list[struct{ ID string }](who, "/api/v1/files?"); len(all) != 0 {
		t.Errorf("files %v", all)
	}
}

// limited starts a server that cannot write files of more than 4 MiB, which stands
// in for a full disk: both fail the write.
func limited(t *testing.T) *retproc.Server {
	t.Helper()
	return retproc.Start(t, ret, retproc.Options{Prefix: []string{"/bin/sh", "-c", `trap '' XFSZ; ulimit -f 8192; exec "$@"`, "sh"}})
}

func TestNoSpace(t *testing.T) {
	t.Parallel()
	who := admin(t, limited(t))
	full := who.upload("/api/v1/files", nil, file{"large.txt", bytes.Repeat([]byte("x"), 16<<20)}).want(t, http.StatusInsufficientStorage)
	if !strings.Contains(string(full.content), "disk") {
		t.Errorf("it says %s", full.content)
	}
	if left := inputs(t, who); left != 0 {
		t.Errorf("%d blobs left", left)
	}
	who.upload("/api/v1/files", nil, text("small.txt", "fits")).want(t, 201)
}
