package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// visit asks for a page with the headers that a browser adds.
func (d *describedServer) visit(method, path, site, mode, dest string, cookies ...*http.Cookie) *http.Response {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), method, d.url+path, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	for name, value := range map[string]string{"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	client := d.client
	if cookies != nil {
		client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		for _, c := range cookies {
			req.AddCookie(c)
		}
	}
	answer, err := client.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { answer.Body.Close() })
	return answer
}

func (d *describedServer) cookies(path string) (list []*http.Cookie) {
	at, err := url.Parse(d.url + path)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.client.Jar.Cookies(at)
}

func clears(answer *http.Response) bool { return answer.Header.Get("Clear-Site-Data") != "" }

// No page of another site can empty a browser's storage or take its cookies.
func TestSignedOutPageClearsOnlyAfterSigningOut(t *testing.T) {
	d, _ := signedInWith(t, map[string]string{"a.xml": twoCandidates})
	foreign := [][3]string{
		{"cross-site", "no-cors", "image"},
		{"cross-site", "navigate", "document"},
		{"same-site", "navigate", "document"},
		{"same-origin", "no-cors", "image"},
		{"same-origin", "cors", "empty"},
		{"same-origin", "navigate", "iframe"},
	}
	for _, how := range append(foreign, [3]string{"same-origin", "navigate", "document"}) {
		answer := d.visit("GET", "/signed-out", how[0], how[1], how[2])
		if answer.StatusCode != http.StatusOK || clears(answer) || answer.Header.Get("Set-Cookie") != "" {
			t.Errorf("%v while signed in: %d %v", how, answer.StatusCode, answer.Header)
		}
	}
	if _, html := d.get("/signed-out"); !strings.Contains(html, "still signed in") {
		t.Error("the page does not say that the session lives on")
	}
	d.json("post", "/api/v1/logout", "/api/v1/logout", "")
	for _, how := range foreign {
		if answer := d.visit("GET", "/signed-out", how[0], how[1], how[2]); clears(answer) {
			t.Errorf("%v clears after signing out", how)
		}
	}
	proof := d.cookies("/signed-out")
	if answer := d.visit("GET", "/signed-out", "same-origin", "navigate", "document"); !clears(answer) {
		t.Error("what a script cannot reach is left after signing out")
	}
	if answer := d.visit("GET", "/signed-out", "same-origin", "navigate", "document", proof...); len(proof) == 0 || clears(answer) {
		t.Errorf("a proof is good twice: %v", proof)
	}
}

// A word that another server on this host has set ends nothing and takes nothing
// away; only its absence signs out.
func TestWrongWordEndsNothing(t *testing.T) {
	d, file := signedInWith(t, map[string]string{"a.xml": twoCandidates})
	var token, word *http.Cookie
	for _, c := range d.cookies("/") {
		switch c.Name {
		case "ret_session":
			token = c
		case "ret_here":
			word = c
		}
	}
	for _, wrong := range []string{"evil", ""} {
		evil := &http.Cookie{Name: "ret_here", Value: wrong}
		for path, want := range map[string]int{"/api/v1/session": 401, "/": 303, "/login?purged=1": 200, "/signed-out": 200, "/api/v1/files/" + file: 401} {
			answer := d.visit("GET", path, "", "", "", token, evil)
			if answer.StatusCode != want || clears(answer) || answer.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s with the word %q: %d %v", path, wrong, answer.StatusCode, answer.Header)
			}
		}
	}
	if answer := d.visit("GET", "/api/v1/files/"+file, "", "", "", token, word); answer.StatusCode != 200 {
		t.Errorf("the session did not outlive wrong words: %d", answer.StatusCode)
	}
	if answer := d.visit("GET", "/signed-out", "same-origin", "navigate", "document", token); !clears(answer) {
		t.Error("a person who has signed out offline finds storage left")
	}
	if answer := d.visit("GET", "/api/v1/session", "", "", "", token, word); answer.StatusCode != 401 {
		t.Errorf("signed out, and still there: %d", answer.StatusCode)
	}
}
