// The first page that a worker draws for a tab that was opened without a server.
import { tell } from "./worker-link.js";

/** How long the worker may take, and how often it is asked. */
const PATIENCE_MS = 10_000;
const AGAIN_MS = 100;

/**
 * Asks again and again, since nobody hears while no worker leads. Who takes the
 * worker over afterwards has it alone: no timer and no listener is left of this.
 * @param {Pick<Worker, "postMessage" | "addEventListener" | "removeEventListener">} worker
 * @param {string} path
 * @param {number} [patience] milliseconds
 * @returns {Promise<{ html?: string, erased?: ErasedFor }>} no HTML if it cannot be had here
 */
export function firstDrawing(worker, path, patience = PATIENCE_MS) {
  const id = crypto.randomUUID();
  return new Promise((resolve) => {
    const ask = () => tell(worker, { type: "draw", id, path });
    const hear = (/** @type {Event} */ event) => {
      const { data } = /** @type {MessageEvent<import("../both/channel.js").ToPage>} */ (event);
      if ((data.type === "drawn" && data.id === id && data.html) || data.type === "ended") end(data);
    };
    const end = (/** @type {{ html?: string, erased?: ErasedFor }} */ answer) => {
      clearInterval(again);
      clearTimeout(late);
      worker.removeEventListener("message", hear);
      resolve(answer);
    };
    const again = setInterval(ask, AGAIN_MS);
    const late = setTimeout(() => end({}), patience);
    worker.addEventListener("message", hear);
    ask();
  });
}
