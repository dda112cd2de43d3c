// The addresses of scripts that a page may start, and no others: what Trusted
// Types allow.
import { ERASER } from "../both/session-key.js";
import { hereWord } from "./here.js";

/** The worker that every tab starts, the one of a conversion, and the service worker. */
const workerURL = new URL("./worker.js", import.meta.url).href;
const convertWorkerURL = new URL("./convert-worker.js", import.meta.url).href;
export const serviceWorkerURL = new URL("/sw.js", location.href).href;

const policy = window.trustedTypes?.createPolicy("ret-script", {
  createScriptURL: (address) => ([workerURL, convertWorkerURL, serviceWorkerURL].includes(address) ? address : ""),
});

/** @param {string} address */
export function scriptURL(address) {
  return /** @type {string} */ (/** @type {unknown} */ (policy?.createScriptURL(address) ?? address));
}

/** Starts the worker that every tab has. @returns {Worker} */
export function startWorker() {
  return start(workerURL, hereWord());
}

/** Starts one that converts. @returns {Worker} */
export function startConverter() {
  return start(convertWorkerURL, hereWord());
}

/** Starts one that destroys the key of what is kept, and says something when that is done. @returns {Worker} */
export function startEraser() {
  return start(workerURL, ERASER);
}

/** @param {string} address @param {string} name tells the worker the session's word, which only pages can read */
function start(address, name) {
  return new Worker(scriptURL(address), { type: "module", name });
}
