package app

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

func (d *describedServer) answer(method, path, body string) *http.Response {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), method, d.url+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	answer, err := d.client.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { answer.Body.Close() })
	return answer
}

// A change of a user is made as a whole or not at all.
func TestUserIsChangedAsAWhole(t *testing.T) {
	d, _ := signedInWith(t, map[string]string{"a.xml": twoCandidates})
	user := d.json("post", "/api/v1/admin/users", "/api/v1/admin/users", `{"name":"ana","password":"a long password 9"}`)
	path := "/api/v1/admin/users/" + user["id"].(string)
	if a := d.answer("PATCH", path, `{"role":"admin","locked":true,"password":"x"}`); a.StatusCode != http.StatusBadRequest {
		t.Errorf("a password of one letter: %d", a.StatusCode)
	}
	list := d.json("get", "/api/v1/admin/users", "/api/v1/admin/users", "")["items"].([]any)
	for _, item := range list {
		if u := item.(map[string]any); u["name"] == "ana" && (u["role"] != "user" || u["locked"] != false) {
			t.Errorf("half of a refused change was made: %v", u)
		}
	}
}

// The trail of one user is paged by what is shown, and pages are bounded.
func TestAuditIsFilteredBeforeItIsPaged(t *testing.T) {
	d, _ := signedInWith(t, map[string]string{"a.xml": twoCandidates})
	d.json("post", "/api/v1/admin/users", "/api/v1/admin/users", `{"name":"ana","password":"a long password 9"}`)
	for _, name := range []string{"bob", "cleo", "dora"} {
		d.json("post", "/api/v1/admin/users", "/api/v1/admin/users", `{"name":"`+name+`","password":"a long password 9"}`)
	}
	page := d.json("get", "/api/v1/admin/audit", "/api/v1/admin/audit?who=Ana&limit=1", "")
	items := page["items"].([]any)
	if len(items) != 1 || items[0].(map[string]any)["subject"] != "ana" || page["next"] != nil {
		t.Errorf("the only line about ana: %v", page)
	}
	for _, path := range []string{"audit", "users"} {
		if a := d.answer("GET", "/api/v1/admin/"+path+"?limit=1001", ""); a.StatusCode != http.StatusBadRequest {
			t.Errorf("%s of 1001: %d", path, a.StatusCode)
		}
	}
}

// A method that an address does not have is 405, with those that it has.
func TestWrongMethod(t *testing.T) {
	d, _ := signedInWith(t, map[string]string{"a.xml": twoCandidates})
	for request, want := range map[string][]string{
		"DELETE /api/v1/session":  {"GET", "HEAD"},
		"PUT /api/v1/files":       {"GET", "HEAD", "POST"},
		"GET /api/v1/login":       {"POST"},
		"PATCH /api/v1/cache/key": {"DELETE", "GET", "HEAD", "PUT"},
		"DELETE /login":           {"GET", "HEAD", "POST"},
		"PUT /":                   {"GET", "HEAD", "POST"},
		"POST /healthz":           {"GET", "HEAD"},
	} {
		method, path, _ := strings.Cut(request, " ")
		a := d.answer(method, path, "")
		allowed := strings.Split(a.Header.Get("Allow"), ", ")
		slices.Sort(allowed)
		if a.StatusCode != http.StatusMethodNotAllowed || !slices.Equal(allowed, want) {
			t.Errorf("%s: %d, Allow %q, want %q", request, a.StatusCode, allowed, want)
		}
	}
	for _, path := range []string{"/api/nowhere", "/nowhere"} {
		if a := d.answer("PUT", path, ""); a.StatusCode != http.StatusNotFound {
			t.Errorf("PUT %s: %d", path, a.StatusCode)
		}
	}
}
