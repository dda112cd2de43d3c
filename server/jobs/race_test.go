//go:build race

package jobs_test

import "time"

// startsWithin is how soon a lone job starts. The race detector makes all of it many
// times slower, and so do other packages' tests beside it: the bound without them is
// held here by `go test` alone, and by build/attack over the real server.
const startsWithin = 2 * time.Second

const manyRows = 400_000
