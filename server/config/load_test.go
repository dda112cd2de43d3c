package config

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"ret/shared/fault"
)

// load runs the whole of what a command does, in an empty folder.
// Browsers send an origin in small letters and without the usual port.
func TestPublicURLIsAnOrigin(t *testing.T) {
	for set, want := range map[string]string{
		"HTTPS://RET.Example.ORG:443/": "https://ret.example.org",
		"http://RET.example:80":        "http://ret.example",
		"https://RET.example:8443":     "https://ret.example:8443",
		"https://[2001:DB8::1]:443":    "https://[2001:db8::1]",
	} {
		c, err := mustLoad(t, nil, []string{"RET_PUBLIC_URL=" + set}).Config()
		if err != nil {
			t.Fatal(err)
		}
		if got := c.PublicURL.String(); got != want {
			t.Errorf("%s becomes %s, want %s", set, got, want)
		}
	}
}

func load(t *testing.T, args, environ []string) (Loaded, error) {
	t.Helper()
	set := flag.NewFlagSet("serve", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	f := Register(set)
	if err := set.Parse(args); err != nil {
		return Loaded{}, err
	}
	return f.Load(environ)
}

func mustLoad(t *testing.T, args, environ []string) Loaded {
	t.Helper()
	l, err := load(t, args, environ)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return l
}

func writeFile(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDefaults(t *testing.T) {
	t.Chdir(t.TempDir())
	c, err := mustLoad(t, nil, nil).Config()
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Env: Development, Addr: "127.0.0.1:8080",
		RuntimeRoot: "./runtime", SessionDB: "runtime/ret_session.db", MasterKeyFile: c.MasterKeyFile,
		MaxLoginAttempts: 5, LoginLockout: 15 * time.Minute,
		SessionIdle: time.Hour, SessionOfflineIdle: 8 * time.Hour, SessionMaxAge: 24 * time.Hour,
		CacheMaxEntries: 1000, CacheMaxBytes: 64 << 20, MaxSessionCacheBytes: 256 << 20,
		RateLimitRequests: 100, RateLimitWindow: time.Minute, RateLimitSessionRequests: 3000,
		RateLimitLoginRequests: 20, RateLimitUploadRequests: 600, RateLimitConnections: 1000,
		Workers: runtime.GOMAXPROCS(0), JobMaxAttempts: 3,
		MaxUploadBytes: 4 << 30, MaxSessionBytes: 16 << 30,
		MaxArchiveFiles: 200000, MaxArchiveRatio: 200, MaxArchiveDepth: 16,
		MaxColumns: 16384, MaxOutputRatio: 100,
		QueryTime: 30 * time.Second, QueryBytes: 256 << 20,
		LogLevel: "info", LogFormat: "text",
		ChatMaxCells: 2000,
	}
	if got, exp := dump(c), dump(want); got != exp {
		t.Errorf("defaults:\n%s\nwant:\n%s", got, exp)
	}
}

// dump shows every field by way of the table, which covers them all (see
// TestTableCoversConfig).
func dump(c Config) string {
	var b strings.Builder
	for _, s := range settings {
		b.WriteString(s.Name + "=" + s.bind(&c).text() + "\n")
	}
	return b.String()
}

func TestEachSourceOverridesTheNext(t *testing.T) {
	t.Chdir(t.TempDir())
	const name = "SESSION_CACHE_MAX_SIZE"
	origin := func(args, environ []string) (int, Origin) {
		l := mustLoad(t, args, environ)
		return l.config.CacheMaxEntries, l.origins[name]
	}
	check := func(args, environ []string, want int, from Origin) {
		t.Helper()
		if got, o := origin(args, environ); got != want || o != from {
			t.Errorf("with %v and %v: %d from %s, want %d from %s", args, environ, got, o, want, from)
		}
	}
	check(nil, nil, 1000, FromDefault)
	check(nil, []string{"RET_ENV=production"}, 5000, FromProfile)
	writeFile(t, ".env", "# sizes\nRET_ENV=production\nexport SESSION_CACHE_MAX_SIZE = '7'\n")
	check(nil, nil, 7, FromFile)
	check(nil, []string{name + "=8"}, 8, FromEnvironment)
	check([]string{"--session-cache-max-size", "9"}, []string{name + "=8"}, 9, FromFlag)
	writeFile(t, "other", "RET_ENV=development\n")
	check([]string{"--config", "other"}, nil, 1000, FromDefault)
}

func TestProductionProfile(t *testing.T) {
	t.Chdir(t.TempDir())
	c, err := mustLoad(t, nil, []string{"RET_ENV=production", "RET_PUBLIC_URL=https://ret.example.org/"}).Config()
	if err != nil {
		t.Fatal(err)
	}
	if c.CacheMaxEntries != 5000 || c.SessionIdle != 2*time.Hour || c.LogFormat != "json" || !c.Secure() {
		t.Errorf("production profile: %+v", c)
	}
	if c.PublicURL.String() != "https://ret.example.org" {
		t.Errorf("public URL %q keeps its slash", c.PublicURL)
	}
}

func TestComputedDefaultsFollowOtherSettings(t *testing.T) {
	t.Chdir(t.TempDir())
	c := mustLoad(t, []string{"--runtime-root", "/srv/ret"}, nil).config
	if c.SessionDB != "/srv/ret/ret_session.db" {
		t.Errorf("session database at %s", c.SessionDB)
	}
}

func TestRefusedAtLoad(t *testing.T) {
	for _, tt := range []struct {
		environ string
		says    string // what the error must mention
	}{
		{"RET_ADR=:1", "did you mean RET_ADDR?"},
		{"SESSION_CACHE_MAXSIZE=1", "did you mean SESSION_CACHE_MAX_SIZE?"},
		{"RATE_LIMIT_REQUESTS_PER_MINUTE=500", "did you mean RATE_LIMIT_REQUESTS?"},
		{"LOGIN_LOCKOUT=1", "did you mean LOGIN_LOCKOUT_MINUTES?"},
		{"MAX_LOGIN_TRIES=1", "MAX_LOGIN_TRIES"},
		{"RET_XXXXXXXXXXXXXXXXXXX=1", "--print-config"},
		{"RET_ENV=staging", "one of development, production"},
		{"RET_ADDR=8080", "address like"},
		{"RET_ADDR=", "address like"},
		{"RET_WORKERS=-1", "whole number"},
		{"RET_WORKERS=2.5", "whole number"},
		{"SESSION_CACHE_TTL_SECONDS=0", "whole number from 1"},
		{"SESSION_CACHE_MAX_BYTES=64 megs", "size like"},
		{"SESSION_CACHE_MAX_BYTES=-1", "size like"},
		{"RET_MAX_UPLOAD_BYTES=9999999TiB", "size like"},
		{"RET_PUBLIC_URL=ret.example.org", "http://"},
		{"RET_PUBLIC_URL=https://example.org/ret", "host only"},
		{"RET_TRUSTED_PROXIES=10.0.0.0/99", "networks like"},
		{"RET_LOG_FORMAT=xml", "one of text, json"},
	} {
		t.Run(tt.environ, func(t *testing.T) {
			t.Chdir(t.TempDir())
			_, err := load(t, nil, []string{tt.environ})
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v, want one that says %q", err, tt.says)
			}
		})
	}
}

func TestEveryProblemIsNamedAtOnce(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := load(t, nil, []string{"RET_ADR=x", "RET_WORKERS=many", "RET_LOG_LEVEL=loud"})
	if got := len(strings.Split(fault.Message(err), "\n")); got != 3 {
		t.Errorf("%d lines, want 3: %v", got, err)
	}
}

func TestNamesOfOthersPass(t *testing.T) {
	t.Chdir(t.TempDir())
	writeFile(t, ".env", "COMPOSE_PROJECT_NAME=x\n")
	l := mustLoad(t, nil, []string{"HOME=/root", "SESSION_MANAGER=local/desk:@/tmp/.ICE-unix/1", "EMPTY="})
	if w := l.Warnings(); len(w) != 1 || !strings.Contains(w[0], "COMPOSE_PROJECT_NAME") {
		t.Errorf("warnings %q, want one about the file's stranger", w)
	}
}

func TestFileRefused(t *testing.T) {
	for name, content := range map[string]string{
		"no equals sign": "RET_ADDR\n",
		"twice":          "RET_ADDR=:1\nRET_ADDR=:2\n",
		"unknown":        "RET_ADR=:1\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			writeFile(t, "f", content)
			if _, err := load(t, []string{"--config", "f"}, nil); !fault.Is(err, fault.Invalid) {
				t.Errorf("error %v, want invalid", err)
			}
		})
	}
	missing := filepath.Join(t.TempDir(), "missing")
	if _, err := load(t, []string{"--config", missing}, nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("a named file that is missing: %v, want invalid", err)
	}
}

func TestRefusedByCheck(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, environ := range [][]string{
		{"RET_ENV=production"},
		{"RET_TLS_CERT=cert.pem"},
		{"RET_TLS_KEY=key.pem"},
		{"RET_TLS_CERT=c", "RET_TLS_KEY=k", "RET_PUBLIC_URL=http://ret.example.org"},
	} {
		if _, err := mustLoad(t, nil, environ).Config(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v: %v, want invalid", environ, err)
		}
	}
}

func TestWarnings(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, tt := range []struct {
		environ []string
		warns   bool
	}{
		{nil, false},
		{[]string{"RET_ADDR=localhost:1"}, false},
		{[]string{"RET_ADDR=[::1]:1"}, false},
		{[]string{"RET_ADDR=:8080"}, true},
		{[]string{"RET_ADDR=0.0.0.0:8080"}, true},
		{[]string{"RET_ADDR=0.0.0.0:8080", "RET_PUBLIC_URL=https://ret.example.org"}, false},
		{[]string{"RET_ADDR=0.0.0.0:8080", "RET_TLS_CERT=c", "RET_TLS_KEY=k"}, false},
		{[]string{"RET_PUBLIC_URL=http://ret.example.org"}, true},
		{[]string{"RET_METRICS_ADDR=0.0.0.0:9090"}, true},
		{[]string{"RET_ENV=production", "RET_PUBLIC_URL=https://r.example", "RATE_LIMIT_REQUESTS=0"}, true},
	} {
		if got := mustLoad(t, nil, tt.environ).Warnings(); (len(got) > 0) != tt.warns {
			t.Errorf("%v: warnings %q, want some: %v", tt.environ, got, tt.warns)
		}
	}
}

func TestPrintHidesSecrets(t *testing.T) {
	t.Chdir(t.TempDir())
	l := mustLoad(t, nil, []string{"RET_ADMIN_PASSWORD=hunter2", "RET_EMBED_URL=https://me:hunter2@ai.example/v1", "RET_ADDR=:9"})
	var b strings.Builder
	if err := l.Print(&b); err != nil {
		t.Fatal(err)
	}
	out := b.String()
	if strings.Contains(out, "hunter2") {
		t.Errorf("a secret is shown:\n%s", out)
	}
	for _, want := range [][3]string{
		{"RET_ADMIN_PASSWORD", "(hidden)", "environment"},
		{"RET_EMBED_KEY", "(none)", "default"},
		{"RET_ADDR", ":9", "environment"},
		{"SESSION_CACHE_MAX_BYTES", "64MiB", "default"},
	} {
		if !hasLine(out, want) {
			t.Errorf("no line %v in:\n%s", want, out)
		}
	}
}

func hasLine(out string, fields [3]string) bool {
	for line := range strings.Lines(out) {
		if f := strings.Fields(line); len(f) == 3 && [3]string(f) == fields {
			return true
		}
	}
	return false
}

func TestSecretsAreNoFlags(t *testing.T) {
	for _, arg := range []string{"--admin-password=x", "--embed-key=x"} {
		if _, err := load(t, []string{arg}, nil); err == nil {
			t.Errorf("%s was taken", arg)
		}
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{
		"64MiB": 64 << 20, "1GB": 1e9, "123": 123, "2 KiB": 2048, "5b": 5, "1tib": 1 << 40, "10mb": 10e6,
	} {
		if got, ok := parseSize(text); !ok || got != want {
			t.Errorf("parseSize(%q) = %d, %v, want %d", text, got, ok, want)
		}
	}
	for n, want := range map[int64]string{0: "0", 1: "1", 1024: "1KiB", 1 << 30: "1GiB", 1e6: "1000000", 3 << 40: "3TiB"} {
		if got := formatSize(n); got != want {
			t.Errorf("formatSize(%d) = %s, want %s", n, got, want)
		}
	}
}

func FuzzParseFile(f *testing.F) {
	f.Add("A=b\n# c\nexport D='e'\n")
	f.Add("=\n")
	f.Fuzz(func(t *testing.T, lines string) {
		values, err := parseFile(lines)
		for name := range values {
			if err != nil || name == "" || strings.ContainsAny(name, "=\n") {
				t.Errorf("name %q from %q (error %v)", name, lines, err)
			}
		}
	})
}
