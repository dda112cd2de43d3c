//go:build !race

package queue_test

const usualSequences = 1000
