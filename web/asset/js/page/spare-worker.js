// A worker that converts, made ready while the server is away: to compile the module
// takes longer than to convert a small file.
import { isOffline, SERVER_BACK, SERVER_GONE } from "./connection.js";
import { startConverter } from "./script-url.js";

/**
 * How long the server must have been away: most are back by then, and a person who drops
 * several files has the processor for those.
 */
const AWAY_MS = 1000;

/** So that of all tabs one has a spare worker. */
const SPARE_LOCK = "ret-spare";

/** @type {Worker | null} */
let spare = null;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer = undefined;

/** Lets another tab have a spare one. @type {() => void} */
let release = () => {};

/** On a page that takes files. */
export function startSpareWorker() {
  document.addEventListener(SERVER_GONE, prepare);
  document.addEventListener(SERVER_BACK, drop);
  document.addEventListener("visibilitychange", prepareIfAway);
  addEventListener("pagehide", drop);
  addEventListener("pageshow", prepareIfAway);
  prepareIfAway();
}

/** Not while another one converts, whose processor it would take. */
export function prepareIfAway() {
  if (document.hidden) drop(); // another tab is in sight
  else if (isOffline()) prepare();
}

function prepare() {
  clearTimeout(timer);
  timer = setTimeout(() => whenIdle(prepareAlone), AWAY_MS);
}

/** @param {() => void} act */
function whenIdle(act) {
  if ("requestIdleCallback" in window) requestIdleCallback(act, { timeout: AWAY_MS });
  else act();
}

/** Unless another tab is ready. */
function prepareAlone() {
  if (!isNeeded()) return;
  navigator.locks.request(SPARE_LOCK, { ifAvailable: true }, (lock) => {
    if (!lock || !isNeeded()) return;
    rehearse();
    return new Promise((resolve) => (release = () => resolve(undefined)));
  });
}

function isNeeded() {
  return isOffline() && !spare && !document.hidden && document.getElementById("upload") !== null;
}

function rehearse() {
  const worker = (spare = startConverter());
  worker.onerror = (event) => {
    event.preventDefault();
    if (spare === worker) drop();
  };
  order(worker, { type: "rehearse" });
}

export function drop() {
  clearTimeout(timer);
  spare?.terminate();
  spare = null;
  release();
}

/** @returns {Worker} one that may have compiled the module already */
export function takeConverter() {
  const worker = spare ?? startConverter();
  clearTimeout(timer);
  spare = null;
  release();
  return worker;
}

/** @param {Worker} worker that converts @param {import("../both/channel.js").ToConverter} message */
export function order(worker, message) {
  worker.postMessage(message);
}
