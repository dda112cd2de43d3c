// Package browser drives RET's pages in a real Chromium against the real binary.
// The harness starts both; the tests beside it are the stories of people.
package browser

import (
	"testing"

	"ret/build/retproc"
)

// Password is the first admin's.
const Password = retproc.Password

// Server is a running ret.
type Server = retproc.Server

// StartServer starts build/ret, or the binary that RET_BINARY names, on a free
// port, and stops it when the test ends.
func StartServer(t *testing.T, env ...string) *Server {
	t.Helper()
	binary, err := retproc.Binary("../ret")
	if err != nil {
		t.Fatal(err)
	}
	return retproc.Start(t, binary, retproc.Options{Env: env})
}
