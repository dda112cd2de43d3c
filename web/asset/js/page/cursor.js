// Where this tab stands in the session's changes. Pure, so that it is tested
// without a browser.

/** @typedef {"apply" | "known" | "gap"} Step */

export class Cursor {
  /** @param {string} epoch @param {number} at the newest change that the page shows */
  constructor(epoch, at) {
    this.epoch = epoch;
    this.at = at;
    this.serverAt = at;
  }

  /**
   * Takes the server's greeting.
   * @param {string} epoch @param {number} at the server's newest change
   */
  welcome(epoch, at) {
    this.epoch = epoch;
    this.serverAt = at;
  }

  /** Whether the page shows all that the server had at its greeting. */
  get caughtUp() {
    return this.at >= this.serverAt;
  }

  /**
   * Says what to do with a delta, and moves on if it is to be applied. Deltas
   * chain; one that starts elsewhere means that something was missed. One that
   * ends where it starts shows what waits in this browser: the cursor is the
   * server's.
   * @param {number} from @param {number} to
   * @returns {Step}
   */
  delta(from, to) {
    if (to <= this.at && from < to) return "known";
    if (from !== this.at) return "gap";
    this.at = to;
    return "apply";
  }
}

/**
 * Why a session is over, by the text that came with the close codes 4001 and 4004.
 * @param {string} text
 * @returns {ErasedFor}
 */
export function closeReason(text) {
  return text === "logout" || text === "expired" || text === "revoked" ? text : "unknown";
}

/**
 * What a close code asks for: the contract's codes, and any other loss of the
 * connection.
 * @param {number} code
 * @returns {"leave" | "reload" | "now" | "later"}
 */
export function afterClose(code) {
  switch (code) {
    case 4001: // purged
    case 4004: // not signed in
      return "leave";
    case 4000: // a bad frame
    case 4002: // out of step
      return "reload";
    case 4003: // too slow: the cursor tells where to go on
      return "now";
  }
  return "later";
}
