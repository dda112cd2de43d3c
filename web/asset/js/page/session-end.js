// When the session ends, by the server's clock: pure, so that it is tested without a
// browser. Pages, live greetings and answers all say it; the latest end holds.

/** Only a server that has heard of a copy in this browser lets a session live so much longer unused. */
const LONGER_MS = 60_000;

export class SessionEnd {
  /**
   * @param {object} said by the page, in milliseconds of the server's clock
   * @param {number} said.at when the session ends, unless it is used
   * @param {number} said.now
   * @param {number} said.unused how long it lives unused
   * @param {number} [said.by] when it ends whatever is done
   * @param {boolean} [said.offline] whether it lives on while this browser is offline
   * @param {number} ticks of a clock that nobody sets, in milliseconds
   */
  constructor({ at, now, unused, by, offline = false }, ticks) {
    this.at = at;
    this.by = by || Infinity;
    this.offline = offline;
    this.serverAtZero = now - ticks;
    this.unused = unused;
  }

  /**
   * The server says anew when the session ends; who heard of it long ago knows less.
   * @param {number} at @param {number} ticks
   */
  hear(at, ticks) {
    this.at = Math.max(this.at, at);
    const unused = even(at - this.serverAtZero - ticks);
    if (unused <= this.unused + LONGER_MS) return;
    this.unused = unused;
    this.offline = true;
  }

  /**
   * The session is in use now, as while the live channel stands.
   * @param {number} ticks
   */
  use(ticks) {
    this.at = Math.max(this.at, Math.min(this.by, this.serverAtZero + ticks + this.unused));
  }

  /** Milliseconds that are left. @param {number} ticks */
  left(ticks) {
    return Math.max(0, this.at - this.serverAtZero - ticks);
  }
}

/**
 * Times on their way are a little off; of long ones nobody shall see that.
 * @param {number} ms
 */
function even(ms) {
  const step = ms < 300_000 ? 1 : 10_000;
  return Math.round(ms / step) * step;
}
