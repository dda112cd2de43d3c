package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

const benchPassword = "a long enough password 9"

// signedIn is a session with a ret of its own on loopback.
type signedIn struct {
	url    string
	client *http.Client
}

// serveRet builds ret, with build tags if need be, and starts it with rate limits out of
// the way, with what it writes in folder, and signs in.
func serveRet(ctx context.Context, folder string, tags ...string) (s *signedIn, stop func(), err error) {
	ret, err := buildRet(ctx, folder, tags...)
	if err != nil {
		return nil, nil, err
	}
	server := exec.CommandContext(ctx, ret, "serve", "--addr", "127.0.0.1:0")
	server.Dir = folder
	server.Env = []string{
		"HOME=" + folder, "RET_RUNTIME_ROOT=" + filepath.Join(folder, "runtime"), "RET_ADMIN_PASSWORD=" + benchPassword,
		"RATE_LIMIT_REQUESTS=0", "RATE_LIMIT_SESSION_REQUESTS=1000000",
	}
	server.Stderr = os.Stderr
	out, err := server.StdoutPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("start ret: %w", err)
	}
	stop = func() {
		_ = server.Process.Signal(syscall.SIGTERM)
		_ = server.Wait()
	}
	s = &signedIn{}
	for lines := bufio.NewScanner(out); s.url == "" && lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			s.url, _, _ = strings.Cut(rest, " ")
		}
	}
	if err := s.signIn(); err != nil {
		stop()
		return nil, nil, err
	}
	return s, stop, nil
}

func (s *signedIn) signIn() error {
	if s.url == "" {
		return errors.New("ret ended before it listened")
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	s.client = &http.Client{Jar: jar, Transport: &http.Transport{MaxIdleConnsPerHost: 300}}
	body, err := json.Marshal(map[string]string{"username": "admin", "password": benchPassword})
	if err != nil {
		return err
	}
	return s.do(http.MethodPost, "/api/v1/login", body)
}

// do sends a request and reads its answer to the end.
func (s *signedIn) do(method, path string, body []byte) error {
	req, err := http.NewRequest(method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s", method, path, res.Status)
	}
	return nil
}
