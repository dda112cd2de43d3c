// The shell: the page that the service worker gives where neither the server nor a
// leading worker answers. It starts this tab's worker, has it draw the page that
// was asked for, and becomes that page.
import { parsePage } from "./fragment.js";
import { purge, isHere } from "./purge.js";
import { scriptURL, workerURL } from "./script-url.js";
import { showEnd, timeIsUp } from "./sign-out.js";

/** How long the worker may take, and how often it is asked. */
const PATIENCE_MS = 10_000;
const AGAIN_MS = 100;

/** Whether this document is the shell. */
export function isOpening() {
  return document.querySelector("[data-opening]") !== null;
}

/**
 * @param {(worker: Worker) => void} then starts what the page can use
 */
export async function open(then) {
  if (!isHere()) {
    await purge();
    return showEnd("Nobody is signed in here", "The server cannot be reached now, and this browser keeps nothing of a session.");
  }
  const worker = new Worker(scriptURL(workerURL), { type: "module" });
  addEventListener("pagehide", () => worker.terminate(), { once: true });
  const { html, erased } = await drawn(worker, location.pathname + location.search);
  if (erased) return timeIsUp();
  if (!html) return showFailure(worker);
  become(parsePage(html));
  then(worker);
}

/**
 * Asks again and again, since nobody hears while no worker leads.
 * @param {Worker} worker @param {string} path
 * @returns {Promise<{ html?: string, erased?: ErasedFor }>} no HTML if it cannot be had here
 */
function drawn(worker, path) {
  const id = crypto.randomUUID();
  return new Promise((resolve) => {
    const ask = () => worker.postMessage({ draw: { id, path } });
    const again = setInterval(ask, AGAIN_MS);
    const end = (/** @type {{ html?: string, erased?: ErasedFor }} */ answer) => {
      clearInterval(again);
      worker.onmessage = null;
      resolve(answer);
    };
    setTimeout(() => end({}), PATIENCE_MS);
    worker.onmessage = ({ data }) => {
      if ((data.drawn === id && data.html) || data.ended) end(data);
    };
    ask();
  });
}

/** @param {Document} page */
function become(page) {
  document.title = page.title;
  document.body.replaceWith(document.adoptNode(page.body));
}

/** @param {Worker} worker */
function showFailure(worker) {
  worker.terminate();
  document.getElementById("opening")?.setAttribute("hidden", "");
  document.getElementById("opening-failed")?.removeAttribute("hidden");
}
