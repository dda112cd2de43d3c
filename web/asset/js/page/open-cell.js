// Opens a cell of a table in the panel beside the grid.
import { morph } from "./morph.js";
import { pageAt } from "./navigate.js";

/**
 * Shows a cell's whole value.
 * @param {string} table its id
 * @param {number} row of the table, from 1, whatever the rows are sorted by
 * @param {string} column its name
 * @returns {Promise<boolean>} whether it is shown
 */
export async function openCell(table, row, column) {
  const asked = new URLSearchParams({ row: String(row), cell: String(row), column });
  return showPanel(`/tables/${encodeURIComponent(table)}?${asked}`);
}

/**
 * Takes the panel over from a page that shows it.
 * @param {string} path @returns {Promise<boolean>}
 */
export async function showPanel(path) {
  const fresh = (await pageAt(path))?.getElementById("value");
  const panel = document.getElementById("value");
  if (!fresh || !panel) return false;
  morph(panel, fresh);
  return true;
}
