package attack

import (
	"os"
	"testing"

	"ret/build/retproc"
)

// ret is what the tests attack: RET_BINARY, or what the sources make.
var ret string

func TestMain(m *testing.M) { os.Exit(retproc.Main(m, &ret)) }

// start starts a server with settings, without rate limits unless they say so.
func start(t *testing.T, env ...string) *retproc.Server {
	t.Helper()
	return retproc.Start(t, ret, retproc.Options{Env: env})
}

// confine starts a server below a shell that sets limits first, as "ulimit -n 256".
func confine(t *testing.T, limits string, env ...string) *retproc.Server {
	t.Helper()
	return retproc.Start(t, ret, retproc.Options{Env: env, Prefix: []string{"/bin/sh", "-c", limits + `; exec "$@"`, "sh"}})
}
