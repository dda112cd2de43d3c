// Puts another page into this one: its content, its title, its place in the
// navigation. What surrounds it stays, and with it the worker and all that runs.
import { announce } from "./announce.js";
import { joinStops } from "./grid-stops.js";
import { morph } from "./morph.js";
import { showLocalTimes } from "./time.js";

/** The document's event when another page stands in this one, or the same one otherwise. */
export const PAGE_SHOWN = "ret-page-shown";

/**
 * Uploads that were begun on the workbench, while another page is shown.
 * @type {HTMLElement | null}
 */
let uploads = null;

/**
 * @param {Document} page as parsePage gives it
 * @param {boolean} same whether it shows the same thing otherwise, such as a
 *   table's next rows: then focus stays where it is
 */
export function swap(page, same) {
  const main = document.getElementById("main");
  const fresh = page.getElementById("main");
  if (!main || !fresh) return;
  showLocalTimes(fresh);
  joinStops(fresh);
  const focused = same ? (fresh.querySelector("tr.gone-to") ? "tr.gone-to" : placeOf(document.activeElement)) : "";
  const aside = main.querySelector(".grid-scroll")?.scrollLeft ?? 0;
  uploads = document.getElementById("uploads") ?? uploads;
  main.replaceWith(document.adoptNode(fresh));
  if (uploads?.hasChildNodes()) document.getElementById("uploads")?.replaceWith(uploads);
  if (same) fresh.querySelector(".grid-scroll")?.scrollTo(aside, 0);
  surround(page);
  focus(fresh, focused);
  document.dispatchEvent(new Event(PAGE_SHOWN));
  // The title names nothing, since browsers write it down.
  announce(fresh.querySelector("h1")?.textContent ?? page.title.replace(/ · RET$/, ""));
}

/** @param {Document} page */
function surround(page) {
  document.title = page.title;
  document.body.className = page.body.className;
  const sections = document.querySelector("nav.sections");
  const fresh = page.querySelector("nav.sections");
  if (sections && fresh) morph(sections, fresh);
  for (const menu of document.querySelectorAll("details.menu[open]")) menu.removeAttribute("open");
}

/**
 * A selector by which the page after this one has what is focused now.
 * @param {Element | null} element
 */
function placeOf(element) {
  const column = element?.closest("th[data-column]")?.getAttribute("data-column");
  if (column) return `th[data-column="${CSS.escape(column)}"] a`;
  const turn = element?.getAttribute("data-page");
  if (turn) return `a[data-page="${CSS.escape(turn)}"]`;
  const field = element?.getAttribute("name");
  return field ? `[name="${CSS.escape(field)}"]` : "";
}

/** @param {HTMLElement} main @param {string} place */
function focus(main, place) {
  const found = place ? main.querySelector(place) : null;
  const target = found instanceof HTMLElement ? found : main;
  target.focus({ preventScroll: true });
}
