//go:build !race

package queue_test

import "time"

const usualSequences = 1000

const startsWithin = 250 * time.Millisecond
