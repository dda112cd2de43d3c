package attack

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ret/build/retproc"
)

// books is a document of n rows, with a table of some 60 bytes a row.
func books(n int) []byte {
	var b bytes.Buffer
	b.WriteString("<library>")
	for i := range n {
		fmt.Fprintf(&b, "<book><title>Title %d of the library</title><author>Author %d</author></book>", i, i%97)
	}
	b.WriteString("</library>")
	return b.Bytes()
}

// convert uploads a document, waits until it is converted and returns the ids of
// the file and of its first table.
func (c *client) convert(name string, content []byte) (file, table string) {
	c.t.Helper()
	var accepted struct {
		Items []struct{ ID string }
		Job   struct{ ID string }
	}
	c.upload("/api/v1/files?convert=1", name, content).want(c.t, 201).decode(c.t, &accepted)
	var job struct {
		State  string
		Result *struct{ Tables []string }
	}
	eventually(c.t, 20*time.Second, "the document is converted", func() bool {
		c.do("GET", "/api/v1/jobs/"+accepted.Job.ID, nil).want(c.t, 200).decode(c.t, &job)
		return job.State != "queued" && job.State != "running"
	})
	if job.State != "succeeded" || len(job.Result.Tables) == 0 {
		c.t.Fatalf("job %+v", job)
	}
	return accepted.Items[0].ID, job.Result.Tables[0]
}

// blob is the only file in an area of the only session.
func blob(t testing.TB, server *retproc.Server, area string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(server.Runtime, "sessions", "*", area, "*"))
	if err != nil || len(found) != 1 {
		t.Fatalf("blobs in %s: %v, %v", area, found, err)
	}
	return found[0]
}

// wantBroken fails the test unless a download is seen to be not whole.
func wantBroken(t testing.TB, a *answer) {
	t.Helper()
	if a.err == nil {
		t.Errorf("%s: a whole answer of %d bytes with status %d that ends in %.200q", a.request, len(a.content), a.status, a.content[max(0, len(a.content)-200):])
	}
	if bytes.Contains(a.content, []byte(`"detail"`)) {
		t.Errorf("%s: a problem is appended to what was sent", a.request)
	}
}

// What the disk has lost is never given out as a whole: where the length says so
// the answer is an error, and where only reading says so it is broken off.
func TestDamagedContentIsNeverGivenAsWhole(t *testing.T) {
	server := start(t)
	who := signIn(t, server, "admin")
	file, table := who.convert("books.xml", books(20_000))
	content := "/api/v1/tables/" + table + "/content"
	who.do("GET", content+"?bom=1", nil).want(t, 200)
	who.do("GET", "/api/v1/files/"+file+"/content", nil).want(t, 200)

	stored := blob(t, server, "output")
	spoil(t, stored, 500_000, `"`)
	for _, path := range []string{content + "?bom=1", "/api/v1/export?bom=1"} {
		wantBroken(t, who.do("GET", path, nil))
	}
	who.do("GET", content+"?format=xlsx", nil).want(t, 500) // a workbook is written when it is whole
	spoil(t, blob(t, server, "input"), 700_000, "?")
	wantBroken(t, who.do("GET", "/api/v1/files/"+file+"/content", nil))

	halve(t, stored)
	halve(t, blob(t, server, "input"))
	for _, path := range []string{content, content + "?bom=1", content + "?format=xlsx", "/api/v1/tables/" + table + "/rows", "/api/v1/files/" + file + "/content"} {
		if a := who.do("GET", path, nil).want(t, 500); !strings.Contains(string(a.content), `"damaged"`) {
			t.Errorf("%s: %s", path, a.content)
		}
	}
	wantBroken(t, who.do("GET", "/api/v1/export", nil))
}

// spoil overwrites a file at an offset.
func spoil(t testing.TB, path string, at int64, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteAt([]byte(text), at)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func halve(t testing.TB, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err == nil {
		err = os.Truncate(path, info.Size()/2)
	}
	if err != nil {
		t.Fatal(err)
	}
}
