// Package importtest keeps the map of docs honest: which part of RET may know
// which, on both targets, and what may be in the product at all.
package importtest

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// target is what RET is built for, and the packages that are built for it.
type target struct {
	goos, goarch string
	patterns     []string
}

var (
	native  = target{"linux", "amd64", []string{"ret/server/...", "ret/shared/...", "ret/web/..."}}
	browser = target{"js", "wasm", []string{"ret/wasm/...", "ret/shared/...", "ret/web/page/..."}}
)

// edge is an import that is not allowed, and why.
type edge struct {
	from    string // a package of ours and all below it
	to      string // a package and all below it
	because string
	but     string // a package below from that may, and why it may is said there
}

const (
	// workbooks is the one part of the core that is not for the browser.
	workbooks = "ret/shared/tablefile/xlsx"
	// badDisk is the core's disk for tests.
	badDisk = "ret/shared/sqlite/faultvfs"
)

// far edges must not exist even by way of other packages.
var far = []edge{
	{from: "ret/shared", to: "ret/server", because: "the core knows none of its surroundings: it runs in the browser too"},
	{from: "ret/shared", to: "ret/wasm", because: "the core knows none of its surroundings: it runs on the server too"},
	{from: "ret/shared", to: "ret/web", because: "what is stored and converted must not depend on how it is shown"},
	{from: "ret/shared", to: "ret/build", because: "the product does not need its build"},
	{from: "ret/shared", to: "net/http", because: "the core knows no HTTP, and it would add 0.8 MB to the browser's module", but: workbooks},
	{from: "ret/wasm", to: workbooks, because: "the workbooks' library brings net/http: they are written on the server"},
	{from: "ret/server", to: badDisk, because: "a disk that fails on purpose is for tests"},
	{from: "ret/wasm", to: badDisk, because: "a disk that fails on purpose is for tests"},
	{from: "ret/server", to: "ret/wasm", because: "the two programs meet in shared and on the wire only"},
	{from: "ret/server", to: "ret/build", because: "the product does not need its build"},
	{from: "ret/wasm", to: "ret/server", because: "the two programs meet in shared and on the wire only"},
	{from: "ret/wasm", to: "ret/build", because: "the product does not need its build"},
	{from: "ret/web", to: "ret/server", because: "pages are rendered by the browser too"},
	{from: "ret/server/httpapi/chain", to: "ret/server/httpapi/work", because: "what every request passes does not know what it is for"},
	{from: "ret/server/httpapi/work", to: "ret/server/httpapi/api", because: "what is done alike does not know who asks"},
	{from: "ret/server/httpapi/work", to: "ret/server/httpapi/pages", because: "what is done alike does not know who asks"},
	{from: "ret/server/httpapi/api", to: "ret/server/httpapi/pages", because: "what a program and a person do alike is in work"},
	{from: "ret/server/httpapi/api", to: "ret/server/httpapi/admin", because: "what a program and an admin do alike is in work"},
	{from: "ret/server/httpapi/pages", to: "ret/server/httpapi/api", because: "what a program and a person do alike is in work"},
	{from: "ret/server/httpapi/pages", to: "ret/server/httpapi/admin", because: "what a person and an admin do alike is in work"},
	{from: "ret/server/httpapi/admin", to: "ret/server/httpapi/api", because: "what a program and an admin do alike is in work"},
	{from: "ret/server/httpapi/admin", to: "ret/server/httpapi/pages", because: "what a person and an admin do alike is in work"},
	{from: "ret/server/httpapi", to: "ret/server/app", because: "a part does not know what joins the parts"},
	{from: "ret/web", to: "ret/wasm", because: "pages are rendered by the server too"},
}

// near edges must not be written down in a package itself. Its libraries may
// have them: SQLite's file system uses os, templ uses net/http.
var near = []edge{
	{from: "ret/shared", to: "os", because: "the core opens no real folder: it is given readers and writers", but: badDisk},
	{from: "ret/shared", to: "path/filepath", because: "names in the core are those of archives and tables, not of a file system", but: badDisk},
	{from: "ret/shared", to: "io/ioutil", because: "the core opens no real folder"},
	{from: "ret/web/page", to: "net/http", because: "components format and branch; handlers decide"},
	{from: "ret/shared", to: "syscall/js", because: "the core knows no DOM; it is tested without a browser"},
	{from: "ret/server", to: "syscall/js", because: "only wasm touches the browser"},
	{from: "ret/web", to: "syscall/js", because: "only wasm touches the browser"},
}

// rooms are those of the core, from the bottom up, with what each may import of the
// others: docs/architecture.md has the same list, with a sentence for each.
var rooms = []struct {
	name  string
	knows string
}{
	{"fault", ""},
	{"fold", ""},
	{"sqlite", "fault fold"},
	{"sqlite/memoryvfs", ""},
	{"sqlite/faultvfs", ""},
	{"sqlite/gathervfs", ""},
	{"sqlite/sandbox", ""},
	{"convert/converttest", ""},
	{"seal", "fault"},
	{"archive", "fault"},
	{"xmltable", "fault"},
	{"convert", "archive fault fold xmltable"},
	{"decimal", ""},
	{"profile", "decimal"},
	{"search", "fault fold"},
	{"tablefile", "decimal fault fold profile xmltable"},
	{"query", "decimal fault fold profile sqlite/sandbox tablefile xmltable"},
	{"tablefile/download", "convert fault xmltable"},
	{"tablefile/xlsx", "fault fold tablefile"},
	{"entries", "sqlite"},
	{"cache", "entries fault"},
	{"workspace", "entries fault fold sqlite xmltable"},
	{"outcome", "convert fold tablefile workspace xmltable"},
	{"wire", "fault workspace"},
	{"replica", "entries fault fold profile sqlite tablefile wire workspace xmltable"},
}

// brokers are services that RET exists to do without. Their clients are known
// by a part of their module's path.
var brokers = []string{
	"redis", "valkey", "celery", "memcache", "rabbitmq", "amqp", "kafka", "sarama", "nats-io", "nsq",
	"asynq", "machinery", "pulsar", "mqtt", "stomp", "zeromq", "etcd", "hazelcast",
}

// pkg is what `go list -json` says of a package.
type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string
	Standard   bool
	Module     *struct{ Path string }
}

func TestDirections(t *testing.T) {
	for _, on := range []target{native, browser} {
		t.Run(on.goos, func(t *testing.T) {
			for _, p := range list(t, on, on.patterns...) {
				if p.Module == nil || p.Module.Path != "ret" {
					continue
				}
				report(t, p, far, p.Deps, "depends on")
				report(t, p, near, p.Imports, "imports")
			}
		})
	}
}

// No room of the core knows one that it has no business with, and none stands below one
// that it knows.
func TestRoomsOfTheCore(t *testing.T) {
	knows := make(map[string][]string)
	for _, room := range rooms {
		for name := range strings.FieldsSeq(room.knows) {
			if knows[name] == nil {
				t.Errorf("%s stands before %s, which it knows", room.name, name)
			}
		}
		knows[room.name] = append([]string{room.name}, strings.Fields(room.knows)...)
	}
	for _, on := range []target{native, browser} {
		for _, p := range list(t, on, "ret/shared/...") {
			name, ours := strings.CutPrefix(p.ImportPath, "ret/shared/")
			if !ours {
				continue
			}
			if knows[name] == nil {
				t.Errorf("%s has no place in the list of rooms", p.ImportPath)
			}
			for _, path := range p.Imports {
				if other, ours := strings.CutPrefix(path, "ret/shared/"); ours && !slices.Contains(knows[name], other) {
					t.Errorf("%s imports %s, which it has no business with", name, other)
				}
			}
		}
	}
}

func report(t *testing.T, p pkg, forbidden []edge, have []string, verb string) {
	t.Helper()
	for _, e := range forbidden {
		if !within(p.ImportPath, e.from) || p.ImportPath == e.but {
			continue
		}
		for _, dep := range have {
			if within(dep, e.to) {
				t.Errorf("%s %s %s: %s", p.ImportPath, verb, dep, e.because)
			}
		}
	}
}

// within reports whether path is pkg or lies below it.
func within(path, pkg string) bool {
	return path == pkg || strings.HasPrefix(path, pkg+"/")
}

func TestNoBrokerClient(t *testing.T) {
	for _, p := range list(t, native, "ret/server/...", "ret/shared/...", "ret/web/...") {
		if p.Module == nil || p.Standard {
			continue
		}
		for _, b := range brokers {
			if strings.Contains(strings.ToLower(p.ImportPath), b) {
				t.Errorf("the product imports %s: RET needs no service beside it (%q)", p.ImportPath, b)
			}
		}
	}
}

// TestRulesCanFail proves that the checks above see what they look for.
func TestRulesCanFail(t *testing.T) {
	if !within("ret/shared/cache", "ret/shared") || within("ret/sharedx", "ret/shared") || !within("os", "os") || within("os/exec2", "os/exec") {
		t.Error("within is wrong")
	}
	all := list(t, native, native.patterns...)
	i := slices.IndexFunc(all, func(p pkg) bool { return p.ImportPath == "ret/server/session" })
	if i < 0 || !slices.Contains(all[i].Deps, "net/http") || !slices.Contains(all[i].Imports, "ret/shared/sqlite") {
		t.Error("the list of packages lacks what is known to be there")
	}
}

// list asks go for packages and all that they depend on.
func list(t *testing.T, on target, patterns ...string) []pkg {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-e", "-deps", "-json=ImportPath,Imports,Deps,Standard,Module"}, patterns...)...)
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "GOOS="+on.goos, "GOARCH="+on.goarch, "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for dec := json.NewDecoder(out); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return all
}
