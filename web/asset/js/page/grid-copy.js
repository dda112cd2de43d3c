// What is chosen in a grid, as text that spreadsheets paste: tabs between values, a line
// for each row.
import { announce } from "./announce.js";
import { copy, quoted } from "./copy-cells.js";
import { count } from "./format.js";
import { readTable, tablePath } from "./table-read.js";

/** @typedef {import("./window-grid.js").WindowGrid} WindowGrid */

/** More is better downloaded. */
const MOST_CELLS = 500_000;

/** How many rows are asked for at once. */
const AT_ONCE = 1000;

/** @param {WindowGrid} grid @param {boolean} names the columns' names come first */
export function copyChosen(grid, names) {
  const box = grid.selection.box();
  if (!box) return;
  const cells = grid.selection.size();
  if (cells > MOST_CELLS) return announce(`${count(cells)} cells are too many to copy. Download the table instead.`);
  copy(text(grid, box, names));
}

/**
 * @param {WindowGrid} grid @param {NonNullable<ReturnType<import("./grid-selection.js").Selection["box"]>>} box @param {boolean} names
 */
async function text(grid, box, names) {
  const columns = grid.columns.list.slice(box.left, box.right + 1);
  const lines = names ? [columns.map((column) => quoted(column.name)).join("\t")] : [];
  const single = !names && columns.length === 1 && box.top === box.bottom;
  for (let row = box.top; row <= box.bottom; ) {
    const rows = await valuesOf(grid, columns.map((column) => column.stored), row, Math.min(box.bottom + 1 - row, AT_ONCE));
    if (rows.length === 0) throw new Error("the rows are gone");
    for (const values of rows) lines.push(values.map((value) => (single ? (value ?? "") : quoted(value ?? ""))).join("\t"));
    row += rows.length;
  }
  return lines.join("\n");
}

/**
 * The values of some columns from a row on: those that are here, else as many as come at once.
 * @param {WindowGrid} grid @param {number[]} columns of the table @param {number} first @param {number} rows
 * @returns {Promise<(string | null)[][]>}
 */
async function valuesOf(grid, columns, first, rows) {
  const here = [];
  for (let row = first; row < first + rows; row++) {
    const values = columns.map((column) => grid.tiles.value(row, column));
    if (values.includes(undefined)) break;
    here.push(/** @type {(string | null)[]} */ (values));
  }
  if (here.length > 0) return here;
  const query = new URLSearchParams(grid.data.view);
  query.set("offset", String(first));
  query.set("limit", String(rows));
  const least = Math.min(...columns);
  query.set("first_column", String(least));
  query.set("columns", String(Math.max(...columns) - least + 1));
  const page = await readTable(tablePath(grid.data.table, "rows", query), grid.ended.signal);
  return page.rows.map((/** @type {(string | null)[]} */ row) => columns.map((column) => row[column - least]));
}
