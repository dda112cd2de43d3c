// Puts HTML that the server rendered into the page: the only place that does.
import { announceState } from "./announce.js";
import { joinStops } from "./grid-stops.js";
import { morph } from "./morph.js";
import { showLocalTimes } from "./time.js";

/** The document's event when the job whose own page this is has finished. */
export const JOB_FINISHED = "ret-job-finished";

// The one policy that Trusted Types allow. The text is the server's own: it comes
// over the session's socket or as one of its pages, and the server escapes what
// people wrote. Scripts in it would not run: parsed this way they never do.
const policy = window.trustedTypes?.createPolicy("ret-fragment", { createHTML: (text) => text });

/** @param {string} html */
function trusted(html) {
  return /** @type {string} */ (/** @type {unknown} */ (policy?.createHTML(html) ?? html));
}

/** @param {string} html @returns {Element | null} */
function parseElement(html) {
  const template = document.createElement("template");
  template.innerHTML = trusted(html);
  return template.content.firstElementChild;
}

/**
 * A whole page of the server, parsed but not shown.
 * @param {string} html
 */
export function parsePage(html) {
  return new DOMParser().parseFromString(trusted(html), "text/html");
}

/**
 * Why a page cannot be shown, as a person reads it there; undefined if it is no such page.
 * @param {Document | null} page
 */
export function problemOf(page) {
  return page?.querySelector(".problem h1 + p")?.textContent ?? undefined;
}

/**
 * Follows one change. What the page does not show is left alone, and following
 * a change twice is the same as once.
 * @param {Change} change
 */
export function applyChange(change) {
  const target = change.target ? document.getElementById(change.target) : null;
  if (change.swap === "remove") target?.remove();
  else if (change.swap === "replace" && target) replace(target, parseElement(change.html ?? ""));
  else if (change.swap === "append") put(target, parseElement(change.html ?? ""));
}

/** @param {Element} old @param {Element | null} fresh */
function replace(old, fresh) {
  if (!fresh) return;
  announceState(old, fresh);
  showLocalTimes(fresh);
  const finished = hasFinished(old, fresh);
  morph(old, fresh);
  if (finished) document.dispatchEvent(new Event(JOB_FINISHED));
}

/**
 * Whether this is the head of a job's own page, whose log is complete now.
 * @param {Element} old @param {Element} fresh
 */
function hasFinished(old, fresh) {
  if (!(old instanceof HTMLElement && fresh instanceof HTMLElement && fresh.id.endsWith("-head"))) return false;
  const active = (/** @type {HTMLElement} */ e) => e.dataset.state === "running" || e.dataset.state === "queued";
  return active(old) && !active(fresh);
}

/**
 * Puts an element into a list, or in place of its older self wherever that is.
 * @param {Element | null} list @param {Element | null} fresh
 */
function put(list, fresh) {
  if (!fresh) return;
  const old = document.getElementById(fresh.id);
  if (old?.hasAttribute("data-keep")) return;
  if (old) replace(old, fresh);
  else if (list instanceof HTMLElement && fresh instanceof HTMLElement && admits(list, fresh)) {
    showLocalTimes(fresh);
    insertInOrder(list, fresh);
    // What waits for a decision comes to the eye.
    if (fresh.hasAttribute("data-waiting")) list.closest("details")?.setAttribute("open", "");
    announceState(null, fresh);
  }
}

/** @param {HTMLElement} list @param {HTMLElement} fresh */
function admits(list, fresh) {
  return !list.dataset.only || list.dataset.only === fresh.dataset.state;
}

/** @param {HTMLElement} list @param {HTMLElement} fresh */
function insertInOrder(list, fresh) {
  const falling = list.dataset.order === "falling";
  const place = fresh.dataset.place ?? "";
  const after = [...list.children].find((child) => {
    const other = (child instanceof HTMLElement && child.dataset.place) || "";
    return falling ? other < place : other > place;
  });
  list.insertBefore(fresh, after ?? null);
  const limit = Number(list.dataset.limit);
  while (limit && list.children.length > limit) list.lastElementChild?.remove();
}

/**
 * Shows a newer version of this page's own content.
 * @param {Document} page as parsePage gives it
 */
export function showPage(page) {
  const main = document.getElementById("main");
  const fresh = page.getElementById("main");
  if (!main || !fresh) return;
  showLocalTimes(fresh);
  joinStops(fresh);
  morph(main, fresh);
}
