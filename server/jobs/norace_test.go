//go:build !race

package jobs_test

import "time"

const startsWithin = 250 * time.Millisecond

// manyRows make a document that takes longer than one may wait for it.
const manyRows = 4_000_000
