package app

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"os"
	"path/filepath"
	"testing"
)

// An upload has no row before the names of its blobs are durable: where their folders
// cannot be synced, as one of them is not there, nothing is kept.
func TestUploadComesAfterItsFolderIsSynced(t *testing.T) {
	d, _ := signedInWith(t, map[string]string{"a.xml": twoCandidates})
	partial, err := filepath.Glob(filepath.Join(d.root, "sessions", "*", "partial"))
	if err != nil || len(partial) != 1 {
		t.Fatalf("%v, %v", partial, err)
	}
	if err := os.Rename(partial[0], partial[0]+".away"); err != nil {
		t.Fatal(err)
	}
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	part, err := m.CreateFormFile("file", "b.xml")
	if err == nil {
		_, err = io.WriteString(part, twoCandidates)
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = m.Close()
	answer, err := d.client.Post(d.url+"/api/v1/files", m.FormDataContentType(), &form)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var accepted struct{ Items []struct{ ID string } }
	if err := json.NewDecoder(answer.Body).Decode(&accepted); err != nil || answer.StatusCode < 400 || len(accepted.Items) > 0 {
		t.Errorf("status %d, accepted %+v, %v", answer.StatusCode, accepted, err)
	}
	inputs, err := os.ReadDir(filepath.Join(filepath.Dir(partial[0]), "input"))
	if err != nil {
		t.Fatal(err)
	}
	list := d.json("get", "/api/v1/files", "/api/v1/files", "")["items"].([]any)
	if len(list) != 1 || len(inputs) != 1 {
		t.Errorf("%d files and %d blobs, want the first of each alone", len(list), len(inputs))
	}
}
