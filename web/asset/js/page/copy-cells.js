// Copying out of a table gives whole values: the grid shows long ones cut, so what
// is copied is fetched, drawn by the worker or the server as the page itself is.
import { announce } from "./announce.js";
import { pageAt } from "./navigate.js";

/** What the next copy event puts onto the clipboard. */
let ready = "";

export function startCopying() {
  document.addEventListener("copy", (event) => {
    if (ready) {
      event.clipboardData?.setData("text/plain", ready);
      event.preventDefault();
      return;
    }
    const cells = cutCells();
    if (!cells) return;
    event.preventDefault();
    copy(wholeText(cells));
  });
  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest("[data-copy-value]") : null;
    const value = button?.closest(".panel, .once-link")?.querySelector("pre, .once");
    if (value) copy(Promise.resolve(value.textContent ?? ""));
  });
}

/**
 * The rows of cells that are selected, if one among them is cut; what is selected
 * within a value is copied as it is.
 * @returns {HTMLTableCellElement[][] | null}
 */
function cutCells() {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  const grid = document.querySelector(".table-page .grid");
  if (!grid || !range.intersectsNode(grid)) return null;
  if (![...grid.querySelectorAll(".rest")].some((rest) => range.intersectsNode(rest))) return null;
  /** @type {HTMLTableCellElement[][]} */
  const rows = [];
  for (const row of grid.querySelectorAll("tbody tr")) {
    const cells = [...row.querySelectorAll("td")].filter((cell) => range.intersectsNode(cell));
    if (cells.length > 0) rows.push(cells);
  }
  return rows;
}

/**
 * The cells' whole values; several as a spreadsheet pastes them.
 * @param {HTMLTableCellElement[][]} rows
 */
async function wholeText(rows) {
  const page = await pageAt(`${location.pathname}${location.search}${location.search ? "&" : "?"}whole=1`);
  const whole = page?.querySelector(".grid");
  if (!(whole instanceof HTMLTableElement)) throw new Error("no such page");
  const value = (/** @type {HTMLTableCellElement} */ cell) => {
    const row = /** @type {HTMLTableRowElement} */ (cell.parentElement);
    const same = whole.tBodies[0].rows[row.sectionRowIndex]?.cells[cell.cellIndex];
    return !same || same.matches(".absent, .blank") ? "" : (same.textContent ?? "");
  };
  if (rows.length === 1 && rows[0].length === 1) return value(rows[0][0]);
  return rows.map((cells) => cells.map((cell) => quoted(value(cell))).join("\t")).join("\n");
}

/** A value as a spreadsheet pastes it. @param {string} text */
export function quoted(text) {
  return /[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Without a secure address a browser gives the clipboard to copy events alone.
 * @param {Promise<string>} text
 */
export async function copy(text) {
  try {
    if (navigator.clipboard && "ClipboardItem" in window) {
      const blob = text.then((value) => new Blob([value], { type: "text/plain" }));
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    } else {
      ready = await text;
      document.execCommand("copy");
    }
    announce("Copied.");
  } catch {
    announce("The whole value could not be copied. Open it and copy it from there.");
  } finally {
    ready = "";
  }
}
