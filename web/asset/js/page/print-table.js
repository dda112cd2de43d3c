// A grid draws only the rows in sight, each at its place. Paper gets a plain table instead,
// of the rows around them that have come.
import { count } from "./format.js";

/** @typedef {import("./window-grid.js").WindowGrid} WindowGrid */

/** How many rows are printed at most: some twenty pages. */
const MOST_ROWS = 1000;

/** @param {() => WindowGrid | null} shown the grid of the page */
export function startPrinting(shown) {
  /** @type {Element | null} */
  let printed = null;
  const clear = () => {
    printed?.remove();
    printed = null;
  };
  addEventListener("beforeprint", () => {
    clear();
    const grid = shown();
    if (!grid) return;
    printed = plain(grid);
    grid.scroller.append(printed);
  });
  addEventListener("afterprint", clear);
}

/** @param {WindowGrid} grid */
function plain(grid) {
  const [first, end] = rowsThere(grid);
  const page = document.createElement("div");
  page.className = "printed";
  const said = page.appendChild(document.createElement("p"));
  said.className = "quiet";
  said.textContent = `Rows ${count(first + 1)} to ${count(end)} of ${count(grid.data.rows)}.`;
  if (end - first < grid.data.rows) said.textContent += " For more of them scroll there and print again, or download the table.";
  const table = page.appendChild(document.createElement("table"));
  table.className = "grid";
  const head = table.createTHead().insertRow();
  head.append(cell("th", ""), ...grid.columns.list.map(({ name }) => cell("th", name)));
  const body = table.createTBody();
  for (let index = first; index < end; index++) body.append(row(grid, index));
  return page;
}

/** The rows around those in sight whose values have come. @param {WindowGrid} grid @returns {[first: number, end: number]} */
function rowsThere(grid) {
  const { tiles, data } = grid;
  const seen = grid.columns.list[grid.columnsInSight()[0]] ?? grid.columns.list[0];
  const there = (/** @type {number} */ index) => tiles.value(index, seen.stored) !== undefined;
  let [first, end] = grid.inSight();
  while (end < data.rows && end - first < MOST_ROWS && there(end)) end++;
  while (first > 0 && end - first < MOST_ROWS && there(first - 1)) first--;
  return [first, end];
}

/** @param {WindowGrid} grid @param {number} index */
function row(grid, index) {
  const { tiles, columns } = grid;
  const line = document.createElement("tr");
  const number = tiles.number(index, columns.list[0].stored) || index + 1;
  line.append(cell("th", count(number)));
  for (const { stored, numeric } of columns.list) {
    const value = tiles.value(index, stored);
    const made = cell("td", value === "" ? '""' : (value ?? ""));
    made.dir = "auto";
    if (value === null) made.classList.add("absent");
    made.classList.toggle("number", numeric);
    line.append(made);
  }
  return line;
}

/** @param {"td" | "th"} tag @param {string} text */
function cell(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}
