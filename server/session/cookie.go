package session

import (
	"net/http"
	"time"
)

const (
	tokenCookie = "ret_session"
	hereCookie  = "ret_here"
)

// Cookies reads and writes a session's two cookies. Only one form is ever
// accepted: where people come by https, the one with the __Host- prefix, which
// no other host and no plain connection can set.
type Cookies struct {
	Secure bool          // people come by https
	MaxAge time.Duration // a session's longest life
}

// Read returns what a request holds of a session; what is missing is "".
func (k Cookies) Read(req *http.Request) Credentials {
	token, _ := k.value(req, tokenCookie)
	here, held := k.value(req, hereCookie)
	return Credentials{Token: token, Here: here, Forgotten: !held}
}

// Write has the browser hold a session.
func (k Cookies) Write(w http.ResponseWriter, cred Credentials) {
	http.SetCookie(w, k.cookie(tokenCookie, cred.Token, int(k.MaxAge/time.Second)))
	http.SetCookie(w, k.cookie(hereCookie, cred.Here, int(k.MaxAge/time.Second)))
}

// Clear has the browser forget the session.
func (k Cookies) Clear(w http.ResponseWriter) {
	http.SetCookie(w, k.cookie(tokenCookie, "", -1))
	http.SetCookie(w, k.cookie(hereCookie, "", -1))
}

// HereName is the name of the cookie that scripts read and delete.
func (k Cookies) HereName() string { return k.name(hereCookie) }

func (k Cookies) cookie(name, value string, maxAgeSeconds int) *http.Cookie {
	return &http.Cookie{
		Name: k.name(name), Value: value, Path: "/", MaxAge: maxAgeSeconds,
		Secure: k.Secure, HttpOnly: name == tokenCookie, SameSite: http.SameSiteLaxMode,
	}
}

func (k Cookies) name(name string) string {
	if k.Secure {
		return "__Host-" + name
	}
	return name
}

func (k Cookies) value(req *http.Request, name string) (value string, held bool) {
	c, err := req.Cookie(k.name(name))
	if err != nil {
		return "", false
	}
	return c.Value, true
}
