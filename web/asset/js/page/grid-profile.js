// What is in a column, as a picture small enough for its header: how its values are spread,
// or which shares its most frequent ones have.
import { count } from "./format.js";

/**
 * @typedef {object} ColumnProfile
 * @property {string} name
 * @property {string} kind
 * @property {number} present @property {number} empty @property {number} absent
 * @property {number} distinct @property {boolean} exact
 * @property {string | null} [min] @property {string | null} [max]
 * @property {{ value: string, count: number }[]} [top]
 * @property {{ from: string, count: number }[]} [histogram]
 */

const WIDTH = 100;
const HEIGHT = 18;

/** How many frequent values get a share of the picture. */
const SHARES = 6;

/** What people call the kinds, in a word. @type {Record<string, string>} */
const words = { integer: "123", decimal: "1.5", date: "date", time: "time", datetime: "date, time", boolean: "yes/no", text: "text" };

/**
 * @param {ColumnProfile} profile @param {number} rows that were looked at
 * @returns {Element[]}
 */
export function picture(profile, rows) {
  const bins = profile.histogram ?? [];
  const drawing = bins.length > 1 ? spread(bins.map((bin) => bin.count)) : shares(profile, rows);
  const said = document.createElement("span");
  said.className = "column-figures";
  said.textContent = `${words[profile.kind] ?? profile.kind} · ${profile.exact ? "" : "~"}${short(profile.distinct)}${profile.absent ? ` · ${short(profile.absent)} absent` : ""}`;
  return [drawing, said];
}

/** @param {number} n */
function short(n) {
  if (n < 10_000) return count(n);
  return n < 1_000_000 ? `${Math.round(n / 1000)}k` : `${(n / 1_000_000).toFixed(1)}M`;
}

/** A bar for each part. @param {number[]} counts */
export function spread(counts) {
  const most = Math.max(1, ...counts);
  const width = WIDTH / counts.length;
  const path = counts.map((n, i) => {
    const height = n && Math.max(1, (n / most) * HEIGHT);
    return n ? `M${(i * width).toFixed(2)} ${HEIGHT}v${-height.toFixed(2)}h${Math.max(0.5, width - 0.6).toFixed(2)}v${height.toFixed(2)}z` : "";
  });
  return svg("spread", [["path", { d: path.join("") }]]);
}

/** The most frequent values beside each other. @param {ColumnProfile} profile @param {number} rows */
function shares(profile, rows) {
  /** @type {[string, Record<string, string>][]} */
  const parts = [];
  let at = 0;
  const all = Math.max(1, rows);
  const add = (/** @type {number} */ n, /** @type {string} */ name) => {
    const width = (n / all) * WIDTH;
    if (width > 0.2) parts.push(["rect", { x: at.toFixed(2), y: "4", width: Math.max(0.2, width - 0.5).toFixed(2), height: String(HEIGHT - 8), class: name }]);
    at += width;
  };
  (profile.top ?? []).slice(0, SHARES).filter((top) => top.count > 1).forEach((top, i) => add(top.count, i % 2 ? "share other" : "share"));
  add(Math.max(0, profile.present - Math.round((at / WIDTH) * all)), "rest");
  return svg("shares", parts);
}

/** @param {string} className @param {[string, Record<string, string>][]} parts */
function svg(className, parts) {
  const space = "http://www.w3.org/2000/svg";
  const element = document.createElementNS(space, "svg");
  element.setAttribute("class", className);
  element.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  element.setAttribute("preserveAspectRatio", "none");
  element.setAttribute("aria-hidden", "true");
  for (const [name, attributes] of parts) {
    const child = document.createElementNS(space, name);
    for (const [key, value] of Object.entries(attributes)) child.setAttribute(key, value);
    element.append(child);
  }
  return element;
}
