package engine

import "time"

// clock tells the server's time without asking it: as the server last said it, and
// what has passed since. While the engine runs that is measured by a clock that nobody
// sets; over a restart by this computer's, which may be wrong, but is so before and
// after.
type clock struct {
	local func() time.Time // this computer's

	server time.Time // as it was said; zero: never
	at     time.Time // what the local clock showed then
}

// said takes what the server's clock showed when the local one showed at.
func (c *clock) said(server, at time.Time) {
	if server.IsZero() || at.IsZero() {
		return
	}
	// From here on it is the local clock's steady half that counts.
	c.at = c.local()
	c.server = server.Add(max(0, c.at.Sub(at)))
}

// now is the server's time, as far as is known.
func (c *clock) now() time.Time {
	if c.server.IsZero() {
		return c.local()
	}
	return c.server.Add(c.local().Sub(c.at))
}
