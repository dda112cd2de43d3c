// A worker that converts, made ready while the server is away: to compile the module
// takes longer than to convert a small file.
import { isOffline, SERVER_BACK, SERVER_GONE } from "./connection.js";
import { convertWorkerURL, scriptURL } from "./script-url.js";

/** @type {Worker | null} */
let spare = null;

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
  if (isOffline()) prepare();
}

function prepare() {
  if (spare || document.hidden || !document.getElementById("upload")) return;
  const worker = (spare = make());
  worker.onerror = (event) => {
    event.preventDefault();
    if (spare === worker) drop();
  };
  worker.postMessage({ rehearse: true });
}

export function drop() {
  spare?.terminate();
  spare = null;
}

/** @returns {Worker} one that may have compiled the module already */
export function takeConverter() {
  const worker = spare ?? make();
  spare = null;
  return worker;
}

function make() {
  return new Worker(scriptURL(convertWorkerURL), { type: "module" });
}
