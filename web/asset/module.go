package asset

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
)

//go:embed module
var moduleFiles embed.FS

// The module's files, see module/README.md.
const (
	moduleBrotli  = "module/ret.wasm.br"
	moduleGzip    = "module/ret.wasm.gz"
	moduleRuntime = "module/wasm_exec.js"
)

// moduleScript tells scripts where the module is. Its source says that there is
// none.
const moduleScript = "engine-module.js"

// workerScript and convertScript are those that run the module. Their answers
// alone may compile WebAssembly, and since a worker has a policy of its own, it
// says what else the worker may do.
const (
	workerScript  = "worker.js"
	convertScript = "convert-worker.js"
	workerPolicy  = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
)

// HasModule reports whether the browser's module was built in.
func (s *Set) HasModule() bool { return s.urls[moduleName] != "" }

const moduleName = "ret.wasm"

// addModule stores the module, if there is one, and returns the script that says
// where it is.
func (s *Set) addModule(script []byte) ([]byte, error) {
	br, err := fs.ReadFile(moduleFiles, moduleBrotli)
	if errors.Is(err, fs.ErrNotExist) {
		return script, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read module: %w", err)
	}
	gz, err := fs.ReadFile(moduleFiles, moduleGzip)
	if err != nil {
		return nil, fmt.Errorf("read module: %w", err)
	}
	runtime, err := fs.ReadFile(moduleFiles, moduleRuntime)
	if err != nil {
		return nil, fmt.Errorf("read module's runtime: %w", err)
	}
	if err := s.store("wasm-exec.js", runtime); err != nil {
		return nil, err
	}
	// Every browser that runs a module reads gzip.
	url := address(moduleName, br)
	s.urls[moduleName] = url
	s.files[url] = file{mediaType: mediaType(".wasm"), encoded: []encoding{{"br", br}, {"gzip", gz}}}
	script = bytes.Replace(script, []byte(`moduleURL = ""`), []byte(`moduleURL = "`+url+`"`), 1)
	return bytes.Replace(script, []byte(`runtimeURL = ""`), []byte(`runtimeURL = "`+s.urls["wasm-exec.js"]+`"`), 1), nil
}
