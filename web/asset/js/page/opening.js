// The shell: the page that the service worker gives where neither the server nor a
// leading worker answers. It starts this tab's worker, has it draw the page that
// was asked for, and becomes that page.
import { firstDrawing } from "./first-drawing.js";
import { parsePage } from "./fragment.js";
import { isHere } from "./here.js";
import { purge } from "./purge.js";
import { startWorker } from "./script-url.js";
import { ended, showEnd } from "./sign-out.js";

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
  const worker = startWorker();
  addEventListener("pagehide", () => worker.terminate(), { once: true });
  const { html, erased } = await firstDrawing(worker, location.pathname + location.search);
  if (erased) return ended(erased);
  if (!html) return showFailure(worker);
  become(parsePage(html));
  then(worker);
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
