// Layouts are kept with the session: what a person changes here is told to the replica, or
// to the server where there is none, and what they change elsewhere comes with the page,
// which follows the session.
import { isOffline } from "./connection.js";
import { Layout } from "./grid-layout.js";
import { posted } from "./outbox.js";
import { tablePath } from "./table-read.js";

/** @typedef {import("./grid-columns.js").GridColumn} GridColumn */

/** How long nothing more is changed before it is kept. */
const RESTS_MS = 250;

/**
 * @typedef {object} Own
 * @property {Layout} layout
 * @property {string} said what the page has said last
 * @property {ReturnType<typeof setTimeout> | undefined} later is set while it is still being changed
 * @property {number} open how many changes have no answer
 */

/** By table. @type {Map<string, Own>} */
const owns = new Map();

/** @param {string} table @returns {Own} */
function own(table) {
  let found = owns.get(table);
  if (!found) owns.set(table, (found = { layout: new Layout(), said: "", later: undefined, open: 0 }));
  return found;
}

/** Where the page says how a table is laid out. @param {string} table */
function mark(table) {
  return document.getElementById(`layout-${table}`);
}

/**
 * Takes what the page says, unless the person is just changing it: what they do comes last.
 * @param {string} table @returns {boolean} whether it is another layout
 */
export function takeLayout(table) {
  const mine = own(table);
  const said = mark(table)?.dataset.layout ?? "";
  if (said === mine.said || mine.later !== undefined || mine.open > 0) return false;
  mine.said = said;
  const layout = new Layout(said ? JSON.parse(said) : {});
  if (layout.equals(mine.layout)) return false;
  mine.layout = layout;
  return true;
}

/** @param {string} table @param {() => void} came hears that the page says something else @param {AbortSignal} signal */
export function followLayout(table, came, signal) {
  const said = mark(table);
  if (!said) return;
  const observer = new MutationObserver(came);
  observer.observe(said, { attributes: true, attributeFilter: ["data-layout"] });
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
}

/** @param {string} table */
export function layoutOf(table) {
  return own(table).layout;
}

/** Changes how a table is laid out, and keeps that. @param {string} table @param {(layout: Layout) => void} change */
export function layOut(table, change) {
  const mine = own(table);
  change(mine.layout);
  clearTimeout(mine.later);
  mine.later = setTimeout(() => keep(table, mine), RESTS_MS);
}

/** @param {string} table @param {Own} mine */
async function keep(table, mine) {
  mine.later = undefined;
  mine.open++;
  const layout = mine.layout.value();
  try {
    if (!(await posted({ name: "table.layout", args: { table, layout } }))) await put(table, layout);
  } finally {
    mine.open--;
  }
}

/** @param {string} table @param {import("./grid-layout.js").LayoutValue} layout */
async function put(table, layout) {
  const headers = { "Content-Type": "application/json" };
  // Where nobody takes it, it lasts as long as this document.
  await fetch(tablePath(table, "layout"), { method: "PUT", headers, body: JSON.stringify(layout), keepalive: true }).catch(() => null);
}

// Who leaves at once has changed it nevertheless.
addEventListener("pagehide", () => {
  for (const [table, mine] of owns) {
    if (mine.later === undefined || isOffline()) continue;
    clearTimeout(mine.later);
    mine.later = undefined;
    put(table, mine.layout.value());
  }
});
