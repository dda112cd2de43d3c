package system

import (
	"os"
	"testing"

	"ret/build/retproc"
)

// ret is what the tests drive: RET_BINARY, or what the sources make.
var ret string

// soak asks for the long forms.
var soak = os.Getenv("RET_SOAK") != ""

func TestMain(m *testing.M) { os.Exit(retproc.Main(m, &ret)) }

// start starts a server with settings, without rate limits unless they say so.
func start(t *testing.T, env ...string) *retproc.Server {
	t.Helper()
	return retproc.Start(t, ret, retproc.Options{Env: env})
}
