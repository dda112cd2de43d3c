package httpapi_test

import (
	"encoding/json"
	"testing"
)

// Shared tables of documents that have their own are tables like any others: they are asked
// for by program and by form, have a page, and their rows know the XML that they come from.
func TestASharedTableIsATable(t *testing.T) {
	s := newStand(t)
	s.upload("ana")
	type table struct {
		ID    string
		Class struct {
			ID        string
			Merged    bool
			Documents int
		}
	}
	tables := func() (list struct{ Items []table }) {
		t.Helper()
		must(t, json.Unmarshal([]byte(s.want(ask{"ana", "GET", "/api/v1/tables", ""}, 200)), &list))
		return list
	}
	class := tables().Items[0].Class
	if class.ID == "" || class.Merged || class.Documents != 1 {
		t.Fatalf("the table of a document is of class %+v", class)
	}
	s.want(ask{"ana", "POST", "/api/v1/jobs", `{"kind":"merge","options":{"class":"` + class.ID + `"}}`}, 202, `"state":"succeeded"`)
	s.want(ask{"ana", "POST", "/", "merge=" + class.ID}, 303)
	var shared []table
	for _, table := range tables().Items {
		if table.Class.Merged {
			shared = append(shared, table)
		}
	}
	if len(shared) != 1 || shared[0].Class.ID != class.ID || shared[0].Class.Documents != 1 {
		t.Fatalf("shared are %+v", shared)
	}
	at := shared[0].ID
	s.want(ask{"ana", "GET", "/tables/" + at, ""}, 200, "books.xml")
	s.want(ask{"ana", "GET", "/tables/" + at + "/rows/2?xml=1", ""}, 200, "two")
	s.want(ask{"ana", "GET", "/api/v1/tables/" + at + "/content", ""}, 200, "_file,t\nbooks.xml,one\nbooks.xml,two\n")
	s.want(ask{"ana", "GET", "/api/v1/tables/" + at + "/rows/2/source", ""}, 200, `two`)
	s.want(ask{"admin", "POST", "/api/v1/jobs", `{"kind":"merge","options":{"class":"` + class.ID + `"}}`}, 404, "not_found")
	s.want(ask{"ana", "POST", "/api/v1/jobs", `{"kind":"merge"}`}, 400, "invalid")
	s.want(ask{"ana", "POST", "/api/v1/jobs", `{"kind":"merge","options":{"class":"x","record":"b"}}`}, 400, "invalid")
}
