// One table's page. The server's rows are the first that one sees; where scripts run, a
// grid of all rows takes their place. Values open in the panel beside it.
import { announce } from "./announce.js";
import { isOffline } from "./connection.js";
import { openFacet } from "./facet.js";
import { count } from "./format.js";
import { Columns, MOST_WIDTH, USUAL_LEAST, usualWidth } from "./grid-columns.js";
import { copyChosen } from "./grid-copy.js";
import { joinStops, moveStop } from "./grid-stops.js";
import { followLayout, layOut, layoutOf, takeLayout } from "./kept-layout.js";
import { keepLookedAt, showAgain, showView } from "./navigate.js";
import { openCell, showPanel } from "./open-cell.js";
import { startPrinting } from "./print-table.js";
import { PAGE_SHOWN } from "./swap.js";
import { readTable, tablePath } from "./table-read.js";
import { WindowGrid } from "./window-grid.js";

/**
 * What the page says of its table; see gridData in the Go package web/page.
 * @typedef {object} GridData
 * @property {string} table its id @property {string} name
 * @property {number} rows of the view @property {number} stored of the table
 * @property {string} view the rows' order and filters, as the API takes them
 * @property {string} page what the page shows, without its place
 * @property {number} first the place of the page's first row, from 0
 * @property {number} row the place that was gone to, from 1, or 0
 * @property {number} count of the table's columns
 * @property {{ name: string, kind: string, numeric: boolean, empty: boolean }[]} columns none if they are too many
 * @property {string} find
 * @property {boolean} laid_out which columns are hidden is as the layout says
 */

/** The grid that is shown. @type {WindowGrid | null} */
let shown = null;

/** Its page's address. */
let address = "";

/** Ends what is done for the page that is left. */
let visit = new AbortController();

/** The column whose name was pressed last: the page that comes goes on there. */
let pressed = "";

// One page follows another in the same document, so everything is looked for when
// it is needed.
export function startGrid() {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[data-cell], a[data-close-panel]") : null;
    const grid = findGrid();
    if (!(link instanceof HTMLAnchorElement) || !grid) return;
    event.preventDefault();
    if (link.hasAttribute("data-close-panel")) closePanel(grid);
    else openLink(grid, link).catch(() => location.assign(link.href));
  });
  document.addEventListener("click", showColumn);
  joinStops(document);
  document.addEventListener("keydown", (event) => {
    moveStop(event);
    const grid = event.key === "Escape" ? findGrid() : null;
    if (grid) closePanel(grid);
  });
  document.addEventListener("input", ({ target }) => {
    const grid = findGrid();
    if (grid && target instanceof HTMLInputElement && target.matches('.grid-tools input[name="find"]')) findColumn(grid, target.value);
  });
  document.addEventListener("submit", goToRow);
  document.addEventListener("copy", (event) => {
    if (!shown || document.activeElement !== shown.root) return;
    event.preventDefault();
    copyChosen(shown, false);
  });
  document.addEventListener(PAGE_SHOWN, () => takeOver());
  startPrinting(() => shown);
  takeOver();
}

/** Puts a grid of all rows in the place of the page's. */
async function takeOver() {
  visit.abort();
  visit = new AbortController();
  shown?.end();
  shown = null;
  const scroller = findGrid();
  if (!scroller?.dataset.grid) return;
  /** @type {GridData} */
  const data = JSON.parse(scroller.dataset.grid);
  if (data.first >= data.rows) return;
  const { signal } = visit;
  const list = await columnsOf(data, signal).catch(() => null);
  if (!list || list.length === 0 || signal.aborted) return;
  drawnWidths(scroller, list);
  takeLayout(data.table);
  const columns = new Columns(layoutOf(data.table).arrange(list));
  const grid = new WindowGrid(scroller, data, columns, {
    open: (row, column) => open(data.table, row, column),
    problem: (problem) => say(problem?.message ?? ""),
    moved: () => tellPlace(grid),
    walked: () => follow(grid),
    values: (cell, column) => openFacet(grid, cell, column),
    sort: (column, further) => sortBy(data, column.name, further),
  });
  const profile = profileOf(data, signal);
  const [there] = await Promise.all([firstRows(grid, place(data).row, signal), soon(data, profile)]);
  if (!there || signal.aborted) return grid.end();
  begin(grid);
  learn(grid, await profile, signal);
}

/** @param {WindowGrid} grid */
function begin(grid) {
  shown = grid;
  address = location.pathname + location.search;
  const { row, left } = place(grid.data);
  grid.mount(row, left);
  dressFoot(grid);
  if (grid.data.row > 0) goTo(grid, grid.data.row - 1);
  else if (pressed && (document.activeElement === document.body || document.activeElement?.id === "main")) grid.head.focus(pressed);
  pressed = "";
  followLayout(grid.data.table, () => layoutCame(grid), visit.signal);
  layoutCame(grid); // while the rows were on their way
}

/** The columns were laid out elsewhere. @param {WindowGrid} grid */
function layoutCame(grid) {
  if (!takeLayout(grid.data.table)) return;
  if (grid.data.laid_out && hidesOthers(grid)) showAgain();
  else grid.arrange();
}

/** Whether the layout hides other columns than the page. @param {WindowGrid} grid */
function hidesOthers({ data, columns }) {
  const { hidden } = layoutOf(data.table);
  return hidden.size !== new URLSearchParams(data.page).getAll("hide").length || columns.list.some(({ stored }) => hidden.has(stored));
}

/** A column, or all of them, is to be shown again: the layout hides it no more. @param {MouseEvent} event */
function showColumn({ target }) {
  const link = target instanceof Element ? target.closest("a[data-shows-column]") : null;
  const of = findGrid()?.dataset.grid;
  if (!(link instanceof HTMLElement) || !of) return;
  const column = link.dataset.showsColumn;
  layOut(JSON.parse(of).table, ({ hidden }) => (column === "all" ? hidden.clear() : hidden.delete(Number(column))));
}

/**
 * Where the page begins: where it was left, or at what its address says.
 * @param {GridData} data @returns {{ row: number, left: number }}
 */
function place(data) {
  const left = history.state?.grid;
  if (left) return left;
  return { row: data.row ? Math.max(0, data.row - 4) : data.first, left: 0 };
}

/**
 * Notes where the page is left: going back leads there. While another page is on its way
 * the address is that one's already.
 * @param {WindowGrid} grid
 */
function remember(grid) {
  if (location.pathname + location.search !== address) return;
  const at = { row: grid.top / grid.rowHeight, left: grid.left };
  if (history.state?.grid?.row === at.row && history.state.grid.left === at.left) return;
  history.replaceState({ ...history.state, grid: at }, "");
}

/**
 * Has the first rows before anything is shown, so that nothing is empty.
 * @param {WindowGrid} grid @param {number} row @param {AbortSignal} signal
 * @returns {Promise<boolean>} whether they are there; else the server's page is better
 */
async function firstRows(grid, row, signal) {
  const { tiles } = grid;
  const hear = tiles.changed;
  /** @type {Promise<boolean>} */
  const came = new Promise((done) => {
    tiles.changed = (problem) => done(!problem);
    signal.addEventListener("abort", () => done(false), { once: true });
  });
  tiles.want([[Math.min(Math.floor(row), grid.data.rows - 1), grid.columns.list[0].stored]]);
  const there = await came;
  tiles.changed = hear;
  return there;
}

/**
 * The columns that the page shows.
 * @param {GridData} data @param {AbortSignal} signal
 * @returns {Promise<import("./grid-columns.js").GridColumn[]>}
 */
async function columnsOf(data, signal) {
  const query = new URLSearchParams(data.page);
  const hidden = new Set(query.getAll("hide"));
  const sought = (query.get("find") ?? "").toLowerCase();
  let list = data.columns;
  if (list.length === 0) {
    const table = await readTable(tablePath(data.table, ""), signal);
    list = table.columns.map((/** @type {{ name: string }} */ { name }) => ({ name, kind: "", numeric: false, empty: false }));
  }
  return list
    .map(({ name, kind, numeric, empty }, stored) => ({ name, kind, numeric, empty, stored, width: usualWidth(name), pinned: false }))
    .filter(({ name, empty }) => !empty && !hidden.has(name) && name.toLowerCase().includes(sought));
}

/**
 * Columns are as wide as the server's page has them, so that nothing moves.
 * @param {HTMLElement} scroller @param {import("./grid-columns.js").GridColumn[]} list
 */
function drawnWidths(scroller, list) {
  const byName = new Map(list.map((column) => [column.name, column]));
  for (const header of scroller.querySelectorAll("th[data-column]")) {
    const column = byName.get(header.getAttribute("data-column") ?? "");
    if (column) column.width = Math.max(USUAL_LEAST, Math.min(Math.ceil(header.getBoundingClientRect().width) + 8, MOST_WIDTH));
  }
}

/**
 * Asks what is in the columns of the rows that the page shows, for the header.
 * @param {GridData} data @param {AbortSignal} signal
 * @returns {Promise<{ rows: number, columns: import("./grid-profile.js").ColumnProfile[] } | null>}
 */
async function profileOf(data, signal) {
  if (data.count > MOST_PROFILED) return null;
  return readTable(tablePath(data.table, "profile", filtersOf(data)), signal).catch(() => null);
}

/** The view without its order. @param {GridData} data */
function filtersOf(data) {
  const query = new URLSearchParams(data.view);
  query.delete("sort");
  return query;
}

/**
 * Waits a moment for what is known of a whole table already, so that it stands with the
 * first rows.
 * @param {GridData} data @param {Promise<unknown>} profile
 */
async function soon(data, profile) {
  if (filtersOf(data).size > 0) return; // is found out anew
  await Promise.race([profile, new Promise((later) => setTimeout(later, KNOWN_MS))]);
}

const KNOWN_MS = 100;

/**
 * Shows in the header what is in the columns.
 * @param {WindowGrid} grid @param {Awaited<ReturnType<typeof profileOf>>} profile @param {AbortSignal} signal
 */
function learn(grid, profile, signal) {
  if (!profile || signal.aborted) return;
  grid.profiled = profile.rows;
  grid.head.learn(new Map(profile.columns.map((/** @type {import("./grid-profile.js").ColumnProfile} */ column) => [column.name, column])));
  for (const column of grid.columns.list) {
    const { kind = "" } = grid.head.profiles.get(column.name) ?? {};
    column.numeric = kind === "integer" || kind === "decimal";
  }
  grid.draw();
}

/** What is in more columns is only asked for one by one. */
const MOST_PROFILED = 1000;

/**
 * Turns the order: rising, falling, none. Further orders come after the ones before.
 * @param {GridData} data @param {string} column @param {boolean} further
 */
function sortBy(data, column, further) {
  const query = new URLSearchParams(data.page);
  const before = query.getAll("sort");
  const at = before.findIndex((sort) => sort === column || sort === `-${column}`);
  const turned = at < 0 ? column : before[at] === column ? `-${column}` : "";
  const sorts = further ? [...before] : turned ? [turned] : [];
  if (further && at < 0) sorts.push(column);
  else if (further) sorts.splice(at, 1, ...(turned ? [turned] : []));
  query.delete("sort");
  for (const sort of sorts) query.append("sort", sort);
  pressed = column;
  showView(query, "sort");
}

/** @param {SubmitEvent} event */
function goToRow(event) {
  const form = event.target;
  if (!shown || !(form instanceof HTMLFormElement) || !form.matches(".grid-foot form")) return;
  event.preventDefault();
  const row = Number(new FormData(form).get("row"));
  if (row >= 1) goTo(shown, Math.min(row, shown.data.rows) - 1);
}

/** @param {WindowGrid} grid @param {number} row its place */
function goTo(grid, row) {
  grid.selection.gone = row;
  grid.goTo((row - 3) * grid.rowHeight);
  grid.selection.set({ row, column: grid.selection.at?.column ?? 0 });
  grid.root.focus({ preventScroll: true });
  announce(`Row ${count(row + 1)} of ${count(grid.data.rows)}`);
}

/** What the grid's foot has beside the server's. @param {WindowGrid} grid */
function dressFoot(grid) {
  const foot = document.querySelector(".grid-foot");
  if (!foot) return;
  const where = document.createElement("span");
  where.className = "where in-sight";
  const chosen = document.createElement("span");
  chosen.className = "chosen-cells";
  chosen.hidden = true;
  const said = document.createElement("span");
  chosen.append(said, tool("Copy", () => copyChosen(grid, false)), tool("Copy with names", () => copyChosen(grid, true)));
  foot.prepend(where, chosen);
  tellPlace(grid);
}

/** @param {string} text @param {() => void} act */
function tool(text, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button small";
  button.textContent = text;
  button.addEventListener("click", act);
  return button;
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let resting;

/** Says which rows are in sight, and what is chosen. @param {WindowGrid} grid */
function tellPlace(grid) {
  if (grid !== shown) return;
  const [first, end] = grid.inSight();
  const where = document.querySelector(".in-sight");
  if (where) where.textContent = `${count(first + 1)}–${count(end)} of ${count(grid.data.rows)}`;
  const cells = grid.selection.size();
  const chosen = document.querySelector(".chosen-cells");
  if (chosen instanceof HTMLElement) {
    chosen.hidden = cells < 2;
    const said = chosen.firstElementChild;
    if (said && cells > 1) said.textContent = `${count(cells)} cells`;
  }
  clearTimeout(resting);
  resting = setTimeout(() => rest(grid), RESTS_MS);
}

const RESTS_MS = 150;

/** What is looked at for a while is noted, and kept in this browser. @param {WindowGrid} grid */
function rest(grid) {
  if (grid !== shown || !grid.root.isConnected) return;
  remember(grid);
  const [first] = grid.inSight();
  const offset = first - (first % KEPT_ROWS);
  if (grid.data.view !== "" || offset === 0 || offset === kept.offset && grid.data.table === kept.table || isOffline()) return;
  kept = { table: grid.data.table, offset };
  clearTimeout(resting);
  resting = setTimeout(() => keepLookedAt(`${location.pathname}?offset=${offset}`), KEEP_AFTER_MS);
}

const KEPT_ROWS = 100;
const KEEP_AFTER_MS = 1000;
let kept = { table: "", offset: 0 };

/** Says why rows are missing, where they are. @param {string} sentence */
function say(sentence) {
  const grid = findGrid();
  let line = document.querySelector(".grid-problem");
  if (!sentence) return line?.remove();
  if (line?.textContent === sentence || !grid) return;
  if (!line) {
    line = document.createElement("p");
    line.className = "notice wrong grid-problem";
    line.setAttribute("role", "status");
    document.querySelector(".grid-tools")?.append(line);
  }
  line.textContent = sentence;
}

/** The element whose content is the grid. @returns {HTMLElement | null} */
function findGrid() {
  return document.querySelector(".grid-scroll");
}

/** @param {string} table @param {number} row @param {string} column */
async function open(table, row, column) {
  if (await openCell(table, row, column).catch(() => false)) return;
  announce("The value could not be opened.");
}

/** A panel that is open shows the cell that the keys lead to. @param {WindowGrid} grid */
function follow(grid) {
  if (document.getElementById("value")?.hidden !== false) return;
  clearTimeout(following);
  following = setTimeout(() => grid === shown && grid.selection.open(), FOLLOW_MS);
}

const FOLLOW_MS = 120;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let following;

/** @param {HTMLElement} grid @param {HTMLAnchorElement} link */
async function openLink(grid, link) {
  const { pathname, search } = new URL(link.href);
  if (!(await showPanel(pathname + search))) return location.assign(link.href);
  markOpen(grid, link.closest("td"));
  document.getElementById("value")?.focus({ preventScroll: true });
}

/** @param {HTMLElement} grid */
function closePanel(grid) {
  const panel = document.getElementById("value");
  if (!panel || panel.hidden) return;
  panel.hidden = true;
  const back = shown?.root ?? grid.querySelector("td.open a");
  markOpen(grid, null);
  (back instanceof HTMLElement ? back : grid).focus({ preventScroll: true });
}

/** @param {HTMLElement} grid @param {Element | null} cell */
function markOpen(grid, cell) {
  for (const open of grid.querySelectorAll("td.open")) open.classList.remove("open");
  cell?.classList.add("open");
}

/** Brings a column into view as one types its name. @param {HTMLElement} grid @param {string} text */
function findColumn(grid, text) {
  const sought = text.trim().toLowerCase();
  const place = shown && sought ? shown.columns.list.findIndex(({ name }) => name.toLowerCase().includes(sought)) : -1;
  if (shown && place >= 0) shown.reveal(shown.inSight()[0], place);
  for (const header of grid.querySelectorAll("[data-column]")) {
    const name = header.getAttribute("data-column")?.toLowerCase() ?? "";
    header.classList.toggle("sought", sought !== "" && name.includes(sought));
  }
}
