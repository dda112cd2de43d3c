//go:build !unix

package main

// keepFilesPrivate has nothing to do: folders' rights come from their parents.
func keepFilesPrivate() {}
