// The addresses of scripts that a page may start, and no others: what Trusted
// Types allow.

/** The worker that every tab starts, the one of a conversion, and the service worker. */
const workerURL = new URL("./worker.js", import.meta.url).href;
export const convertWorkerURL = new URL("./convert-worker.js", import.meta.url).href;
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
  return new Worker(scriptURL(workerURL), { type: "module" });
}
