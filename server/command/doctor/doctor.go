// Package doctor examines whether RET can work on this machine with these
// settings.
//
// It changes nothing: it writes only into a scratch folder that it removes,
// beside the data it would be written to, and it may run beside a server. Each
// check is one function that returns what it found or an error that says what to
// do.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"ret/server/config"
	"ret/shared/fault"
)

// Finding is the outcome of one check.
type Finding struct {
	Check string
	Note  string // what was found, if all is well
	Err   error  // what is wrong, with a sentence for whoever runs RET
}

// patient is what the checks look at.
type patient struct {
	loaded  config.Loaded
	cfg     config.Config
	scratch string // a folder on the disk of the runtime folder
	now     func() time.Time
}

// check looks at one thing.
type check struct {
	name    string
	examine func(context.Context, *patient) (note string, err error)
}

var checks = []check{
	{"settings", settings},
	{"runtime folder", runtimeFolder},
	{"central database", centralDatabase},
	{"session database", sessionDatabase},
	{"cache", cacheRoundTrip},
	{"disk space", diskSpace},
	{"clock", clock},
	{"key file", keyFile},
	{"assets", assets},
	{"chat endpoint", chatEndpoint},
	{"embedding model", embedFile},
	{"embed endpoint", embedEndpoint},
}

// Examine runs all checks, whatever the others found.
func Examine(ctx context.Context, loaded config.Loaded) []Finding {
	return examine(ctx, loaded, checks)
}

func examine(ctx context.Context, loaded config.Loaded, checks []check) []Finding {
	p := &patient{loaded: loaded, cfg: loaded.Unchecked(), now: time.Now}
	remove, err := p.makeScratch()
	if err != nil {
		return []Finding{{Check: "runtime folder", Err: err}}
	}
	defer remove()
	findings := make([]Finding, 0, len(checks))
	for _, c := range checks {
		note, err := c.examine(ctx, p)
		findings = append(findings, Finding{Check: c.name, Note: note, Err: err})
	}
	return findings
}

// makeScratch makes the scratch folder in the runtime folder or, before the first
// start, where that will be made.
func (p *patient) makeScratch() (remove func(), err error) {
	base, err := existing(p.cfg.RuntimeRoot)
	if err == nil {
		p.scratch, err = os.MkdirTemp(base, ".doctor-*")
	}
	if err != nil {
		return nil, wrong(err, "nothing can be written there; check RET_RUNTIME_ROOT, and who owns %s", p.cfg.RuntimeRoot)
	}
	return func() { _ = os.RemoveAll(p.scratch) }, nil
}

// existing returns path or the nearest folder above it that exists.
func existing(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	for {
		_, err := os.Stat(path)
		if !errors.Is(err, fs.ErrNotExist) {
			return path, err
		}
		path = filepath.Dir(path)
	}
}

// wrong says what is wrong. Whoever runs the doctor runs the machine, so paths may
// be named; the cause follows for them too.
func wrong(cause error, format string, args ...any) error {
	message := fmt.Sprintf(format, args...)
	if cause != nil {
		message += " (" + cause.Error() + ")"
	}
	return &fault.Error{Kind: fault.Unavailable, Message: message, Err: cause}
}
