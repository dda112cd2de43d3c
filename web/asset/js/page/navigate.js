// Goes from page to page without loading the next one: the worker draws it from
// its copy, and it is shown in place. So the worker of this tab goes on running,
// uploads too. Whatever the worker cannot draw in time the browser loads itself.
import { showAsking } from "./asking.js";
import { isLive, isOffline, SERVER_BACK } from "./connection.js";
import { parsePage, problemOf } from "./fragment.js";
import { askToKeep } from "./keep.js";
import { serverAnswers, whileThere } from "./patience.js";
import { showRefusal } from "./rejections.js";
import { swap } from "./swap.js";

/** @typedef {import("./asking.js").Asked} Asked */

/** Pages that show what the session holds; see Draw in the Go package web/view. */
const DRAWN = /^\/(jobs|jobs\/[^/]+|tables\/[^/]+|tables\/[^/]+\/rows\/[^/]+|search|query)?$/;

/** Those that the server draws, and the worker only where there is none. */
const ALONE = /^\/ask$/;

/** @type {import("./replica.js").Replica | null} */
let drawer = null;

/** What the page shows: path and query. */
let shown = location.pathname + location.search;

/** Of the page that was asked for last: only that one is shown, and who gave it up gave it up. */
let turn = new AbortController();

/** @returns {AbortSignal} of the next page; who asked for another one does not want that any more */
function nextTurn() {
  turn.abort();
  turn = new AbortController();
  return turn.signal;
}

/** @param {import("./replica.js").Replica | null} replica null where nothing draws */
export function startNavigation(replica) {
  if (!replica) return;
  drawer = replica;
  const address = addressOf(document);
  if (address) history.replaceState(history.state, "", address + location.hash);
  shown = location.pathname + location.search;
  tableOpened();
  document.addEventListener("click", followLink);
  document.addEventListener("submit", followForm);
  addEventListener("popstate", () => followHistory());
  // What could not be shown without the server can be now.
  document.addEventListener(SERVER_BACK, () => (isProblem(document) || isAway(document)) && go(location.href));
  // Pages are shown later than the browser would scroll.
  history.scrollRestoration = "manual";
  if (history.state?.scroll) scrollTo(0, history.state.scroll);
  document.addEventListener("scrollend", (event) => event.target === document && rememberScroll());
}

/**
 * Goes to a page of this server as a link would.
 * @param {string} address
 */
export function go(address) {
  const url = new URL(address, location.href);
  if (drawn(url)) follow(url, "show");
  else location.assign(url);
}

/**
 * Shows the open table otherwise, as a form on its page would: the parameters name what
 * no address may tell.
 * @param {URLSearchParams} query @param {Asked} asked
 */
export function showView(query, asked) {
  const form = document.createElement("form");
  form.method = "post";
  form.hidden = true;
  form.setAttribute("data-shows", "");
  form.dataset.asks = asked;
  for (const [name, value] of query) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.getElementById("main")?.append(form);
  form.requestSubmit();
}

/** Shows this page again, where it stands: what it shows by itself is something else now. */
export async function showAgain() {
  if (document.querySelector("#main[aria-busy]")) return; // another one is on its way
  const url = new URL(location.href);
  const signal = nextTurn();
  const page = await fetchPage(url.pathname + url.search, signal);
  if (page && !signal.aborted && !isProblem(page)) show(page);
}

/**
 * Asks the worker about a table, as the API is asked.
 * @param {string} path and query @param {AbortSignal} signal
 * @returns {Promise<{ status: number, body: string } | null>} null if nobody answers
 */
export async function askWorker(path, signal) {
  return drawer ? drawer.read(path, signal) : null;
}

/** Has the worker keep rows that someone looks at. @param {string} path of their page, and query */
export function keepLookedAt(path) {
  drawer?.draw(path);
}

/** @param {URL} url */
function drawn(url) {
  if (drawer === null || url.origin !== location.origin) return false;
  return DRAWN.test(url.pathname) || (isOffline() && ALONE.test(url.pathname));
}

/** @param {MouseEvent} event */
function followLink(event) {
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
  if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented || !plain(event)) return;
  if ((link.target && link.target !== "_self") || link.hasAttribute("download")) return;
  const url = new URL(link.href);
  if (!drawn(url) || (url.hash && url.pathname + url.search === shown)) return;
  event.preventDefault();
  follow(url, asksFor(link));
}

/**
 * What a person asks for of a table, by what they pressed: its address does not tell.
 * @param {Element} pressed @returns {Asked}
 */
function asksFor(pressed) {
  const asks = pressed instanceof HTMLElement ? pressed.dataset.asks : "";
  if (asks === "sort" || asks === "filter") return asks;
  if (pressed.closest("th[data-column]")) return "sort";
  return pressed.querySelector("[name=filter_value]") || pressed.closest(".chips") ? "filter" : "show";
}

/** @param {MouseEvent} event */
function plain(event) {
  return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
}

/** Forms that only choose what a page shows. @param {SubmitEvent} event */
function followForm(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || event.defaultPrevented || form.target) return;
  if (form.method !== "get" && !form.hasAttribute("data-shows")) return;
  const url = new URL(form.getAttribute("action") ?? location.pathname, location.href);
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form, event.submitter)) if (typeof value === "string") fields.append(name, value);
  fields.delete("action");
  url.search = fields.toString();
  if (!drawn(url)) return;
  event.preventDefault();
  follow(url, asksFor(form), form);
}

/**
 * @param {URL} url @param {Asked} asked
 * @param {HTMLFormElement} [form] whose fields no address may tell
 */
async function follow(url, asked, form) {
  const signal = nextTurn();
  const page = await busy(asked, fetchPage(url.pathname + url.search, signal));
  if (signal.aborted) return;
  if (!page) return form?.method === "post" ? form.submit() : location.assign(url);
  if (staysOpen(url, page)) return sayWhy(asked, page);
  rememberScroll();
  const address = new URL(addressOf(page) ?? url, location.href);
  address.hash = url.hash;
  if (address.href === location.href) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  const same = show(page);
  if (url.hash) document.getElementById(url.hash.slice(1))?.scrollIntoView();
  else if (!same) scrollTo(0, 0);
}

/**
 * Puts a part of a page into the place of the same part of this one, which shows
 * otherwise the same. What is asked for next takes the turn of this.
 * @param {URL} url @param {string} part its id
 * @returns {Promise<HTMLElement | null>} what stands there now; null if it is not wanted any more
 */
export async function showPart(url, part) {
  if (!drawn(url) || url.pathname !== location.pathname) return null;
  const signal = nextTurn();
  const page = await fetchPage(url.pathname + url.search, signal);
  if (signal.aborted) return null;
  const fresh = page?.getElementById(part);
  const old = document.getElementById(part);
  if (!page || !fresh || !old) {
    showRefusal("show", problemOf(page) ?? "The server cannot be reached. Try again when it can.");
    return null;
  }
  old.replaceWith(document.adoptNode(fresh));
  history.replaceState(history.state, "", addressOf(page) ?? url.pathname);
  shown = location.pathname + location.search;
  return fresh;
}

/** The address that tells nothing of what a page shows, where another one would. @param {Document} page */
function addressOf(page) {
  return page.body.dataset.address;
}

/** Shows the page that back or forward has led to. */
async function followHistory() {
  if (location.pathname + location.search === shown) return; // to a place within it
  const signal = nextTurn();
  const url = new URL(location.href);
  const page = drawn(url) ? await busy("show", fetchPage(url.pathname + url.search, signal)) : null;
  if (signal !== turn.signal) return;
  if (signal.aborted) return history.pushState(null, "", shown); // the person stays
  if (!page) return location.reload();
  const scroll = history.state?.scroll ?? 0;
  show(page);
  scrollTo(0, scroll);
}

/**
 * Says of what is shown that something else is on its way, and lets the person stay.
 * @template T @param {Asked} what @param {Promise<T>} page
 */
async function busy(what, page) {
  const main = document.getElementById("main");
  const asked = turn;
  const done = showAsking(what, () => asked.abort());
  main?.setAttribute("aria-busy", "true");
  return page.finally(() => {
    done();
    if (asked === turn) main?.removeAttribute("aria-busy");
  });
}

/**
 * Whether what is open is better than a page that says why the same thing cannot be
 * shown otherwise without the server.
 * @param {URL} url @param {Document} page
 */
function staysOpen(url, page) {
  return isOffline() && isProblem(page) && !isProblem(document) && url.pathname === location.pathname;
}

/** @param {Document} page */
function isProblem(page) {
  return page.body.className === "problem-page";
}

/** Whether a page shows less than it would with the server. @param {Document} page */
function isAway(page) {
  return page.querySelector("main [data-away]") !== null;
}

/** @param {Asked} asked @param {Document} page that says why */
function sayWhy(asked, page) {
  showRefusal(asked, problemOf(page) ?? "");
}

/** @param {Document} page @returns {boolean} whether it shows the same thing otherwise */
function show(page) {
  const same = location.pathname === new URL(shown, location.href).pathname;
  shown = location.pathname + location.search;
  swap(page, same);
  tableOpened();
  const { epoch, cursor } = page.body.dataset;
  if (epoch) drawer?.live.moveTo(epoch, Number(cursor));
  return same;
}

/**
 * A page of this session, to take something out of it.
 * @param {string} path with its query
 * @returns {Promise<Document | null>} null if there is none
 */
export async function pageAt(path) {
  const drawn = await fetchPage(path, new AbortController().signal).catch(() => null);
  if (drawn) return drawn;
  const answer = await fetch(path, { headers: { Accept: "text/html" } });
  return answer.ok ? parsePage(await answer.text()) : null;
}

/**
 * A page as the worker draws it, else as the server does, which is shown in place as
 * well: a page that the browser loads ends this tab's worker. It is asked for once
 * at a time, and waited for as long as the server is there. Where no server
 * answers, a worker that is still being started, or is yet to be, is waited for.
 * @param {string} path @param {AbortSignal} signal
 * @returns {Promise<Document | null>} null if the browser is to load it itself
 */
async function fetchPage(path, signal) {
  if (!drawer) return null;
  const answer = await drawer.draw(path, signal);
  if (answer?.status) return drawnBy(answer);
  if (!isOffline() && !signal.aborted) {
    const served = await fromServer(path, signal).catch(() => undefined);
    if (served !== undefined) return served;
  }
  return answer || signal.aborted ? null : drawnBy(await drawer.drawAlone(path));
}

/**
 * What the worker has drawn. That there is no such page the server says better,
 * where it can be asked.
 * @param {Drawn | null} answer of the worker
 */
function drawnBy(answer) {
  const shown = answer?.html && (answer.status === 200 || isOffline());
  return shown ? (drawer?.parse(answer.html) ?? null) : null;
}

/**
 * @param {string} path @param {AbortSignal} signal
 * @returns {Promise<Document | null>} null if it is not a page of this session; rejected where no server answers
 */
async function fromServer(path, signal) {
  const gone = new AbortController();
  const asked = askServer(path, AbortSignal.any([signal, gone.signal]));
  return whileThere(asked, async () => isLive() || serverAnswers()).finally(() => gone.abort());
}

/** @param {string} path @param {AbortSignal} signal */
async function askServer(path, signal) {
  const answer = await fetch(path, { headers: { Accept: "text/html" }, signal });
  if (answer.status >= 500) throw new Error("no server, or a proxy that answers for it");
  const page = drawer?.parse(await answer.text()) ?? null;
  const there = answer.ok && !answer.redirected && page?.body.dataset.epoch === drawer?.live.cursor.epoch;
  return there ? page : null;
}

/** Who looks at a table may want to look again. */
function tableOpened() {
  if (shown.startsWith("/tables/")) askToKeep();
}

function rememberScroll() {
  history.replaceState({ ...history.state, scroll: scrollY }, "");
}
