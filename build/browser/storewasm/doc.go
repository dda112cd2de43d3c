//go:build !js

// Command storewasm measures the replica's database where browsers run it, and
// does nothing elsewhere: see main_js.go.
package main

func main() {}
