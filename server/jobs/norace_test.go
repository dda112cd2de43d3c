//go:build !race

package jobs_test

import "time"

const startsWithin = 250 * time.Millisecond
