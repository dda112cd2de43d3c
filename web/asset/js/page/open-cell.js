// The panel beside a table: a row with one value in full, as the row's own page shows it.
// The XML that the row came from is with the server, which may have to unpack much for
// it: it comes after the rest.
import { morph } from "./morph.js";
import { pageAt } from "./navigate.js";
import { markPlace } from "./place.js";
import { PAGE_SHOWN } from "./swap.js";

/** Of the panel that was asked for last: only that one is shown. */
let asked = 0;

/** Before links are followed elsewhere: those of the panel stay in it. */
export function startOpenCell() {
  document.addEventListener(PAGE_SHOWN, () => bringXML());
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("#value a[data-row-link]") : null;
    if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!document.querySelector(".grid-scroll")) return; // the row's own page: a link as any other
    event.preventDefault();
    const { pathname, search } = new URL(link.href);
    showPanel(pathname + search).then((shown) => shown || location.assign(link.href));
  });
  queueMicrotask(bringXML); // when somebody draws pages
}

/**
 * Shows a row beside the table, with a cell's whole value.
 * @param {string} table its id
 * @param {number} row of the table, from 1, whatever the rows are sorted by
 * @param {string} column its name
 * @returns {Promise<boolean>} whether it is shown, or another one meanwhile
 */
export async function openCell(table, row, column) {
  return showPanel(`/tables/${encodeURIComponent(table)}/rows/${row}?${new URLSearchParams({ column })}`);
}

/**
 * Takes the panel over from a page that has it.
 * @param {string} path of a row, and query
 * @returns {Promise<boolean>} whether it is shown, or another one or page meanwhile
 */
export async function showPanel(path) {
  const turn = ++asked;
  const stillThere = markPlace();
  const fresh = (await pageAt(path).catch(() => null))?.getElementById("value");
  if (turn !== asked || !stillThere()) return true;
  const panel = document.getElementById("value");
  if (!fresh || !panel) return false;
  const same = panel.dataset.row === fresh.dataset.row;
  if (same) keepXML(panel, fresh);
  morph(panel, fresh);
  if (!same) panel.scrollTo(0, 0);
  bringXML();
  return true;
}

/**
 * What is there of the XML stays until it comes with another value marked.
 * @param {HTMLElement} panel @param {HTMLElement} fresh
 */
function keepXML(panel, fresh) {
  const shown = panel.querySelector("#row-xml:not([data-row-xml])");
  const offered = fresh.querySelector("#row-xml[data-row-xml]");
  if (!(offered instanceof HTMLElement) || !shown) return;
  const heading = offered.querySelector("h3");
  offered.replaceChildren(...(heading ? [heading] : []), ...[...shown.children].slice(1).map((child) => child.cloneNode(true)));
}

/** Brings the XML that the page or its panel offers. */
async function bringXML() {
  const offer = document.querySelector("#row-xml[data-row-xml]");
  if (!(offer instanceof HTMLElement)) return;
  const from = offer.dataset.rowXml ?? "";
  const { pathname, search } = new URL(from, location.href);
  const fresh = (await pageAt(pathname + search).catch(() => null))?.getElementById("row-xml");
  const now = document.getElementById("row-xml");
  if (!fresh || !now || now.dataset.rowXml !== from) return; // it stays a link
  const marked = /** @type {HTMLElement} */ (morph(now, fresh)).querySelector("mark");
  const box = marked?.closest("pre");
  if (marked && box) box.scrollTop += marked.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 3;
}
