package asset

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
)

// Where the files stand that must have a plain address.
const (
	ServiceWorkerPath = "/sw.js"
	ManifestPath      = "/manifest.webmanifest"

	// ShellPath is the page without content that the service worker keeps.
	ShellPath = "/shell"
)

const serviceWorkerScript = "sw.js"

//go:embed bundle/sw.js
var serviceWorkerSource []byte

// ServiceWorkerPolicy lets the service worker ask this server, and nothing else.
const ServiceWorkerPolicy = "default-src 'none'; connect-src 'self'"

// ServiceWorker is the script that keeps all assets but source maps and the shell, a
// page of the given bytes, in the browser. It changes with any of them, by which
// browsers notice a new version.
func (s *Set) ServiceWorker(shell []byte) ([]byte, error) {
	addresses := slices.DeleteFunc(slices.Sorted(maps.Keys(s.files)), func(address string) bool { return path.Ext(address) == ".map" })
	list, err := json.Marshal(addresses)
	if err != nil {
		return nil, fmt.Errorf("list assets: %w", err)
	}
	sum := sha256.New()
	_, _ = sum.Write(list) // a hash takes everything
	_, _ = sum.Write(serviceWorkerSource)
	_, _ = sum.Write(shell)
	script := bytes.Replace(serviceWorkerSource, []byte(`VERSION = ""`), []byte(`VERSION = "`+hex.EncodeToString(sum.Sum(nil)[:8])+`"`), 1)
	return bytes.Replace(script, []byte(`ASSETS = []`), append([]byte(`ASSETS = `), list...), 1), nil
}

// Manifest is what a browser needs to install RET as an application.
func (s *Set) Manifest() ([]byte, error) {
	icon := func(purpose string) map[string]string {
		return map[string]string{"src": s.URL(Icon), "sizes": "any", "type": "image/svg+xml", "purpose": purpose}
	}
	return json.Marshal(map[string]any{
		"id": "/", "name": "RET: Resource Extraction Tool", "short_name": "RET",
		"description": "A private workbench for bulk XML",
		"start_url":   "/", "scope": "/", "display": "standalone",
		"background_color": "#f5f6f3", "theme_color": "#0a6b62",
		"icons": []map[string]string{icon("any"), icon("maskable")},
	})
}
