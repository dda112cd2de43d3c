package app

import (
	"io"
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
		for path, want := range map[string]int{"/api/v1/session": 401, "/": 303, "/login?ended=expired": 200, "/signed-out": 200, "/api/v1/files/" + file: 401} {
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

// Whoever is sent to the sign-in page reads why their session is no more: as the
// server knows it from the token, or, when another tab has had the browser forget that,
// by the code in the address; a link's own words are not shown.
func TestSignInPageSaysWhyTheSessionEnded(t *testing.T) {
	d, _ := signedInWith(t, map[string]string{"a.xml": twoCandidates})
	held := d.cookies("/")
	d.json("post", "/api/v1/logout", "/api/v1/logout", "")
	answer := d.visit("GET", "/jobs", "", "", "", held...)
	if to := answer.Header.Get("Location"); answer.StatusCode != 303 || to != "/login?ended=logout&next=%2Fjobs" {
		t.Errorf("/jobs leads to %d %s", answer.StatusCode, to)
	}
	said := func(path string, cookies ...*http.Cookie) string {
		answer := d.visit("GET", path, "", "", "", append([]*http.Cookie{{Name: "other", Value: "x"}}, cookies...)...)
		html, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(html), `class="notice" role="status">`)
		text, _, _ := strings.Cut(rest, "</p>")
		return text
	}
	if head := d.visit("HEAD", "/login", "", "", "", held...); head.Header.Get("Set-Cookie") != "" {
		t.Error("a look at the sign-in page takes the cookies that say why")
	}
	for path, want := range map[string]string{
		"/login": "You have signed out", "/login?ended=expired": "You have signed out", "/login?ended=<b>": "You have signed out",
	} {
		if text := said(path, held...); !strings.HasPrefix(text, want) {
			t.Errorf("%s with the token says %q", path, text)
		}
	}
	unknown := []*http.Cookie{{Name: "ret_session", Value: "long-gone"}, {Name: "ret_here", Value: "x"}}
	if text := said("/login", unknown...); text != "Your session has ended, and everything in it was erased." {
		t.Errorf("with an unknown token it says %q", text)
	}
	for path, want := range map[string]string{
		"/login": "", "/login?ended=Call+us": "", "/login?ended=expired": "Your session&#39;s time ran out", "/login?ended=revoked": "Your session was ended",
	} {
		if text := said(path); !strings.HasPrefix(text, want) || want == "" && text != "" {
			t.Errorf("%s says %q", path, text)
		}
	}
}
