//go:build race

package queue_test

// usualSequences: the race detector makes SQLite ten times slower.
const usualSequences = 250
