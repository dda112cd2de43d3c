//go:build unix

package main

import "syscall"

// keepFilesPrivate lets nobody else read what this process writes, also where a
// library creates the file.
func keepFilesPrivate() { syscall.Umask(0o077) }
