// Package browser drives RET's pages in a real Chromium against the real binary.
// The harness starts both; the tests beside it are the stories of people.
package browser

import (
	"sync"
	"testing"

	"ret/build/retproc"
)

// Password is the first admin's.
const Password = retproc.Password

// browsing is the names of the tests that have a browser.
var browsing sync.Map

// Server is a running ret.
type Server = retproc.Server

// StartServer starts build/ret, or the binary that RET_BINARY names, on a free
// port, and stops it when the test ends. It must be started before the test's
// browser: what is started last ends first, and a browser that outlives the server
// complains of it.
func StartServer(t *testing.T, env ...string) *Server {
	t.Helper()
	if _, has := browsing.Load(t.Name()); has {
		t.Fatal("the server must be started before the browser")
	}
	binary, err := retproc.Binary("../ret")
	if err != nil {
		t.Fatal(err)
	}
	return retproc.Start(t, binary, retproc.Options{Env: env})
}
