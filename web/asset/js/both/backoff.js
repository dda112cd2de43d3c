// How long to wait before trying again.

const FIRST_MS = 500;
const MOST_MS = 30_000;

/**
 * Doubles with each failure, and spreads clients over the second half of the
 * time, so that a restarted server is not met by all of them at once.
 * @param {number} failures in a row, from 1
 * @param {() => number} [random] from 0 to 1
 * @returns {number} milliseconds
 */
export function backoff(failures, random = Math.random) {
  const most = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 16));
  return most / 2 + (most / 2) * random();
}
