//go:build !js

// Command wasm does nothing outside the browser: see main_js.go.
package main

func main() {}
