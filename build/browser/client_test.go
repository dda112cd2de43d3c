package browser

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// session is an admin who has signed in by a program of their own.
type session struct {
	server  *Server
	cookies []*http.Cookie
}

func signIn(t *testing.T, server *Server) *session {
	t.Helper()
	s := &session{server: server}
	answer := s.do(t, http.MethodPost, "/api/v1/login", "application/json", strings.NewReader(`{"username":"admin","password":"`+Password+`"}`))
	s.cookies = answer.Cookies()
	return s
}

// do sends a request of the session, whose answer is read and good.
func (s *session) do(t *testing.T, method, path, kind string, body io.Reader) *http.Response {
	t.Helper()
	answer, _ := s.ask(t, method, path, kind, body)
	return answer
}

func (s *session) ask(t *testing.T, method, path, kind string, body io.Reader) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.server.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	for _, c := range s.cookies {
		req.AddCookie(c)
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= http.StatusBadRequest {
		t.Fatalf("%s %s: %s, %v: %s", method, path, answer.Status, err, text)
	}
	return answer, text
}

// get reads a resource of the API.
func get[T any](t *testing.T, s *session, path string) (v T) {
	t.Helper()
	_, text := s.ask(t, http.MethodGet, path, "", nil)
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
