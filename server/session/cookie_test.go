package session_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ret/server/session"
)

// roundTrip writes cookies by one form and reads them by another.
func roundTrip(write, read session.Cookies, cred session.Credentials) session.Credentials {
	rec := httptest.NewRecorder()
	write.Write(rec, cred)
	req := httptest.NewRequest(http.MethodGet, "/", nil)
	for _, c := range rec.Result().Cookies() {
		req.AddCookie(c)
	}
	return read.Read(req)
}

func TestOnlyOneFormIsAccepted(t *testing.T) {
	cred := session.Credentials{Token: "t", Here: "h"}
	plain, secure := session.Cookies{MaxAge: time.Hour}, session.Cookies{Secure: true, MaxAge: time.Hour}
	for _, k := range []session.Cookies{plain, secure} {
		if got := roundTrip(k, k, cred); got != cred {
			t.Errorf("secure %v: read %+v", k.Secure, got)
		}
	}
	if got := roundTrip(plain, secure, cred); got != (session.Credentials{Forgotten: true}) {
		t.Errorf("plain cookies accepted over https: %+v", got)
	}
	if got := roundTrip(secure, plain, cred); got != (session.Credentials{Forgotten: true}) {
		t.Errorf("host cookies accepted over http: %+v", got)
	}
}

func TestCookieAttributes(t *testing.T) {
	rec := httptest.NewRecorder()
	session.Cookies{Secure: true, MaxAge: time.Hour}.Write(rec, session.Credentials{Token: "t", Here: "h"})
	lines := rec.Header().Values("Set-Cookie")
	if want := "__Host-ret_session=t; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax"; lines[0] != want {
		t.Errorf("token cookie %q", lines[0])
	}
	if want := "__Host-ret_here=h; Path=/; Max-Age=3600; Secure; SameSite=Lax"; lines[1] != want {
		t.Errorf("word cookie %q: scripts must read it", lines[1])
	}
	rec = httptest.NewRecorder()
	session.Cookies{}.Clear(rec)
	for _, line := range rec.Header().Values("Set-Cookie") {
		if !strings.Contains(line, "Max-Age=0") || strings.Contains(line, "Secure") {
			t.Errorf("clearing cookie %q", line)
		}
	}
}

func TestDeviceName(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0": "Edge on Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1":       "Safari on iPhone",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                    "Firefox on Linux",
		"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":              "Chrome on Android",
		"curl/8.5.0":                  "curl",
		"":                            "Unknown device",
		"<script>alert(1)</script>":   "Unknown device",
		strings.Repeat("Linux", 5000): "Linux",
	} {
		if got := session.DeviceName(agent); got != want {
			t.Errorf("%.60q is %q, want %q", agent, got, want)
		}
	}
}
