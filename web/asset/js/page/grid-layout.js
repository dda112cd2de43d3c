// How a person has laid out the columns of a table: widths, which are pinned, in which
// order. It is kept as long as the document is, whatever of the table is shown.
import { LEAST_WIDTH, MOST_WIDTH } from "./grid-columns.js";

/** @typedef {import("./grid-columns.js").GridColumn} GridColumn */

/**
 * @typedef {object} Layout
 * @property {Map<string, number>} widths in pixels, by name
 * @property {Set<string>} pinned names
 * @property {string[]} order names, of those that were moved and all others then; empty: as stored
 */

/** By table. @type {Map<string, Layout>} */
const layouts = new Map();

/** @param {string} table @returns {Layout} */
function layoutOf(table) {
  let layout = layouts.get(table);
  if (!layout) layouts.set(table, (layout = { widths: new Map(), pinned: new Set(), order: [] }));
  return layout;
}

/** Lays columns out as they were left. @param {string} table @param {GridColumn[]} list @returns {GridColumn[]} */
export function laidOut(table, list) {
  const { widths, pinned, order } = layoutOf(table);
  for (const column of list) {
    column.width = widths.get(column.name) ?? column.width;
    column.pinned = pinned.has(column.name);
  }
  if (order.length === 0) return list;
  const places = new Map(order.map((name, i) => [name, i]));
  return list.toSorted((a, b) => (places.get(a.name) ?? a.stored) - (places.get(b.name) ?? b.stored));
}

/** @param {string} table @param {GridColumn} column @param {number} width pixels */
export function widen(table, column, width) {
  column.width = Math.round(Math.max(LEAST_WIDTH, Math.min(width, MOST_WIDTH)));
  layoutOf(table).widths.set(column.name, column.width);
}

/** Has a column stay in sight, or not any more. @param {string} table @param {GridColumn} column */
export function turnPin(table, column) {
  column.pinned = !column.pinned;
  const { pinned } = layoutOf(table);
  if (column.pinned) pinned.add(column.name);
  else pinned.delete(column.name);
}

/**
 * Moves a column by a place among those like it: pinned ones or the others.
 * @param {string} table @param {GridColumn[]} list as they are shown @param {GridColumn} column @param {1 | -1} by
 * @returns {GridColumn[]} as they are shown then
 */
export function move(table, list, column, by) {
  const at = list.indexOf(column);
  const other = list[at + by];
  if (!other || other.pinned !== column.pinned) return list;
  const moved = [...list];
  [moved[at], moved[at + by]] = [other, column];
  layoutOf(table).order = moved.map(({ name }) => name);
  return moved;
}
