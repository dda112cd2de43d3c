package docs

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ret/server/config"
)

var (
	serveArgs = regexp.MustCompile(`(?m)^ExecStart=/usr/local/bin/ret serve (.*)$`)
	setting   = regexp.MustCompile(`\b((?:RET|SESSION|RATE_LIMIT|LOGIN|MAX_LOGIN)_[A-Z_]+)=(\S+)`)
)

// The unit and the container file start the program with flags and settings that it
// knows, keep keys from the disk, and hold the master key apart from the runtime folder.
func TestDeployment(t *testing.T) {
	for name, musts := range map[string][]string{
		"ret.service":   {"LimitCORE=0", "MemorySwapMax=0", "DynamicUser=yes", "ProtectSystem=strict", "NoNewPrivileges=yes"},
		"Containerfile": {"FROM scratch", "--ulimit core=0", "USER 65532"},
	} {
		b, err := os.ReadFile(filepath.Join("..", "deploy", name))
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		for _, must := range musts {
			if !strings.Contains(text, must) {
				t.Errorf("%s: no %s", name, must)
			}
		}
		set := flag.NewFlagSet(name, flag.ContinueOnError)
		settings := config.Register(set)
		if m := serveArgs.FindStringSubmatch(text); m != nil {
			example := filepath.Join("..", "deploy", "production.env")
			if err := set.Parse(strings.Fields(strings.Replace(m[1], "/etc/ret/ret.env", example, 1))); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		environ := append(setting.FindAllString(text, -1), "RET_PUBLIC_URL=https://ret.example.org")
		loaded, err := settings.Load(environ)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		cfg, err := loaded.Config()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if in, err := filepath.Rel(cfg.RuntimeRoot, cfg.MasterKeyFile); err != nil || !strings.HasPrefix(in, "..") {
			t.Errorf("%s: the master key lies in the runtime folder", name)
		}
	}
}
