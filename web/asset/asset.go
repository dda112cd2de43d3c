// Package asset serves what pages are made of beside HTML: stylesheet, scripts, icon.
//
// Every asset has an address with the hash of its content, so browsers may keep
// it for ever; an address that no asset has is not found. Scripts are bundled from
// js by build/scripts: one for pages, one for each kind of worker, one for
// the service worker. Bundles name each other by plain names, "./worker.js"; Load
// writes the hashed ones into them. All stylesheets are joined into one, in a fixed
// order. Each asset is compressed once, when it is first asked for: who never shows a
// page, as most commands and tests, compresses nothing.
//
// A Set may be used concurrently.
package asset

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Prefix is where the assets stand on the server.
const Prefix = "/assets/"

// Names that pages load; Set.URL gives their addresses.
const (
	Stylesheet = "ret.css"
	Theme      = "theme.js"
	Script     = "main.js"
	Icon       = "icon.svg"
)

//go:embed css/*.css bundle/*.js bundle/*.map icon.svg
var embedded embed.FS

// stylesheets in the order in which they are joined: later ones may refine
// earlier ones.
var stylesheets = []string{"tokens", "base", "control", "frame", "workbench", "grid", "row", "look", "ask", "query", "tour", "forced", "print"}

// Set is all assets, ready to be served.
type Set struct {
	urls  map[string]string // plain name → address
	files map[string]file   // address → content
}

type file struct {
	mediaType string
	policy    string            // content policy of its answer; "" for that of all
	encoded   func() []encoding // smallest first; the last one is plain
}

// Load hashes the embedded assets. It fails only if a script
// names one that does not exist, or in a circle.
func Load() (*Set, error) {
	sources, err := readAll(embedded)
	if err != nil {
		return nil, err
	}
	set := &Set{urls: map[string]string{}, files: map[string]file{}}
	if err := set.addModule(sources); err != nil {
		return nil, err
	}
	for name := range sources {
		if err := set.add(name, sources, nil); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// URL is the address of the asset with a plain name. It panics if there is no
// such asset: the names are constants of this package.
func (s *Set) URL(name string) string {
	url, ok := s.urls[name]
	if !ok {
		panic("asset: no asset is called " + name)
	}
	return url
}

// readAll gives each asset's source under its plain name.
func readAll(from fs.FS) (map[string][]byte, error) {
	var css strings.Builder
	for _, name := range stylesheets {
		text, err := fs.ReadFile(from, "css/"+name+".css")
		if err != nil {
			return nil, fmt.Errorf("read stylesheet: %w", err)
		}
		css.Write(text)
	}
	sources := map[string][]byte{Stylesheet: []byte(css.String())}
	bundles, err := fs.Glob(from, "bundle/*")
	if err != nil {
		return nil, fmt.Errorf("list scripts: %w", err)
	}
	for _, p := range append(bundles, Icon) {
		text, err := fs.ReadFile(from, p)
		if err != nil {
			return nil, fmt.Errorf("read asset: %w", err)
		}
		sources[path.Base(p)] = text
	}
	// It stands at an address of its own, see ServiceWorker.
	delete(sources, serviceWorkerScript)
	return sources, nil
}

// named is a script's reference to another one or to its own source map.
var named = regexp.MustCompile(`("\./|sourceMappingURL=)([a-z0-9-]+\.js(?:\.map)?)`)

// add hashes one asset, after those it names. above are the scripts that led
// here.
func (s *Set) add(name string, sources map[string][]byte, above []string) error {
	if _, done := s.urls[name]; done {
		return nil
	}
	source, ok := sources[name]
	if !ok {
		return fmt.Errorf("asset %s names %s, which does not exist", above[len(above)-1], name)
	}
	for _, a := range above {
		if a == name {
			return fmt.Errorf("asset %s names itself by way of %v", name, above)
		}
	}
	if path.Ext(name) == ".js" {
		linked, err := s.link(name, source, sources, above)
		if err != nil {
			return err
		}
		source = linked
	}
	s.store(name, source)
	return nil
}

// link adds what a script names and writes the hashed names into it.
func (s *Set) link(name string, source []byte, sources map[string][]byte, above []string) ([]byte, error) {
	for _, match := range named.FindAllSubmatch(source, -1) {
		if err := s.add(string(match[2]), sources, append(above, name)); err != nil {
			return nil, err
		}
	}
	return named.ReplaceAllFunc(source, func(found []byte) []byte {
		parts := named.FindSubmatch(found)
		return append(parts[1], path.Base(s.urls[string(parts[2])])...)
	}), nil
}

func (s *Set) store(name string, content []byte) {
	url := address(name, content)
	encoded := sync.OnceValue(func() []encoding { return encode(content) })
	f := file{mediaType: mediaType(path.Ext(name)), encoded: encoded}
	if slices.Contains(moduleScripts, name) {
		f.policy = workerPolicy
	}
	s.urls[name], s.files[url] = url, f
}

// address is where content stands under a plain name.
func address(name string, content []byte) string {
	sum := sha256.Sum256(content)
	ext := path.Ext(name)
	return Prefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:8]) + ext
}

// mediaType does not ask the system, whose table differs between machines.
func mediaType(ext string) string {
	switch ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".map":
		return "application/json"
	case ".svg":
		return "image/svg+xml"
	case ".wasm":
		return "application/wasm"
	}
	return "application/octet-stream"
}
