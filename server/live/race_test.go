//go:build race

package live_test

// The race detector makes SQLite some ten times slower; the simulation's many
// seeds run without it.
const raceDetector = true
