package asset

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed module
var moduleFiles embed.FS

// The module's files, see module/README.md.
const (
	moduleBrotli  = "module/ret.wasm.br"
	moduleGzip    = "module/ret.wasm.gz"
	moduleRuntime = "module/wasm_exec.js"
)

// modulePlace stands in scripts where the module's address is to be, or nothing if
// it was not built.
const modulePlace = "{{module}}"

// moduleScripts are those that run the module. Their answers alone may compile
// WebAssembly, and since a worker has a policy of its own, it says what else the
// worker may do.
var moduleScripts = []string{"worker.js", "convert-worker.js"}

const workerPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"

// HasModule reports whether the browser's module was built in.
func (s *Set) HasModule() bool { return s.urls[moduleName] != "" }

const moduleName = "ret.wasm"

// addModule stores the module, if there is one, writes its address into the scripts
// and puts its runtime before those that run it.
func (s *Set) addModule(sources map[string][]byte) error {
	url, runtime, err := s.storeModule()
	if err != nil {
		return err
	}
	for name, source := range sources {
		if path.Ext(name) == ".js" {
			sources[name] = bytes.ReplaceAll(source, []byte(modulePlace), []byte(url))
		}
	}
	for _, name := range moduleScripts {
		sources[name] = slices.Concat(runtime, sources[name])
		if sources[name+".map"], err = shifted(sources[name+".map"], bytes.Count(runtime, []byte("\n"))); err != nil {
			return err
		}
	}
	return nil
}

// storeModule returns the module's address and the JavaScript half of its runtime,
// or nothing if it was not built.
func (s *Set) storeModule() (url string, runtime []byte, err error) {
	br, err := fs.ReadFile(moduleFiles, moduleBrotli)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil, nil
	}
	if err != nil {
		return "", nil, fmt.Errorf("read module: %w", err)
	}
	gz, err := fs.ReadFile(moduleFiles, moduleGzip)
	if err != nil {
		return "", nil, fmt.Errorf("read module: %w", err)
	}
	runtime, err = fs.ReadFile(moduleFiles, moduleRuntime)
	if err != nil {
		return "", nil, fmt.Errorf("read module's runtime: %w", err)
	}
	// Every browser that runs a module reads gzip.
	encoded := []encoding{{"br", br}, {"gzip", gz}}
	url = address(moduleName, br)
	s.urls[moduleName] = url
	s.files[url] = file{mediaType: mediaType(".wasm"), encoded: func() []encoding { return encoded }}
	return url, append(runtime, '\n'), nil
}

// shifted is a source map for a script that has so many lines more before it. A
// semicolon ends a line of its mappings (ECMA-426).
func shifted(sourceMap []byte, lines int) ([]byte, error) {
	var fields map[string]any
	if err := json.Unmarshal(sourceMap, &fields); err != nil {
		return nil, fmt.Errorf("read source map: %w", err)
	}
	mappings, ok := fields["mappings"].(string)
	if !ok {
		return nil, errors.New("read source map: it has no mappings")
	}
	fields["mappings"] = strings.Repeat(";", lines) + mappings
	return json.Marshal(fields)
}
