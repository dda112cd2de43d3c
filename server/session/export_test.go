package session

// OnClock is onClock.
var OnClock = onClock
