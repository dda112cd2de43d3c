package app

import (
	"bytes"
	"io"
	"mime/multipart"
	"testing"
)

// The folders of files that were chosen with them are what groups are named by.
func TestFilesOfAFolderKeepTheirPlaceInIt(t *testing.T) {
	d := startDescribed(t)
	d.json("post", "/api/v1/login", "/api/v1/login", `{"username":"admin","password":"a long password 9"}`)
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	for _, name := range []string{"export/ar/a.xml", "export/gl/a.xml", "b.xml"} {
		part, err := m.CreateFormFile("file", name)
		if err == nil {
			_, err = io.WriteString(part, "<r><i><v>1</v></i><i><v>2</v></i></r>")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	_ = m.Close()
	d.ask("post", "/api/v1/files", "/api/v1/files?convert=1", &form, m.FormDataContentType())

	groups := map[any]any{}
	for _, item := range d.json("get", "/api/v1/tables", "/api/v1/tables", "")["items"].([]any) {
		table := item.(map[string]any)
		groups[table["source"]] = table["group"]
	}
	for source, group := range map[string]string{"export/ar/a.xml": "ar", "export/gl/a.xml": "gl", "b.xml": "files"} {
		if groups[source] != group {
			t.Errorf("%s is of group %v, want %s", source, groups[source], group)
		}
	}
}
