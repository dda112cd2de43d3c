// The text of numbers, sizes and times, as the server's pages write it:
// web/page/testdata/format.json holds both to the same words.

/** @param {number} n whole */
export function count(n) {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** @param {number} n bytes */
export function bytes(n) {
  if (n < 1000) return n === 1 ? "1 byte" : `${n} bytes`;
  const units = ["kB", "MB", "GB", "TB"];
  let unit = -1;
  while (n >= 999.5 && unit < units.length - 1) {
    n /= 1000;
    unit++;
  }
  return `${n < 9.95 ? n.toFixed(1) : n.toFixed(0)} ${units[unit]}`;
}

/**
 * A part of a size, whose unit is said once where it is the same.
 * @param {number} n bytes @param {number} all bytes
 */
export function partOf(n, all) {
  const [part, unit] = bytes(n).split(" ");
  const whole = bytes(all);
  return n === 0 || whole.endsWith(` ${unit}`) ? `${part} of ${whole}` : `${part} ${unit} of ${whole}`;
}

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 1) {
    const ms = Math.max(0, seconds) * 1000;
    return ms < 9.95 ? `${ms.toFixed(1).replace(/\.0$/, "")} ms` : `${ms.toFixed(0)} ms`;
  }
  const s = Math.floor(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return two(Math.floor(s / 60), "min", s % 60, "s");
  if (s < 86400) return two(Math.floor(s / 3600), "h", Math.floor((s % 3600) / 60), "min");
  return two(Math.floor(s / 86400), "d", Math.floor((s % 86400) / 3600), "h");
}

/**
 * The time a session has left, without seconds until the last five minutes.
 * @param {number} seconds
 */
export function clock(seconds) {
  const s = Math.floor(Math.max(0, seconds));
  return duration(s > 300 ? 60 * Math.round(s / 60) : s);
}

/** @param {number} perSecond */
export function rate(perSecond) {
  if (perSecond < 9.95) return `${perSecond.toFixed(1).replace(/\.0$/, "")}/s`;
  return `${count(Math.floor(perSecond + 0.5))}/s`;
}

/** @param {number} a @param {string} unitA @param {number} b @param {string} unitB */
function two(a, unitA, b, unitB) {
  return b === 0 ? `${a} ${unitA}` : `${a} ${unitA} ${b} ${unitB}`;
}
