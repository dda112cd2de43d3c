// What a page says to its worker.

/**
 * @param {Pick<Worker, "postMessage"> | null} worker null: nobody hears it
 * @param {import("../both/channel.js").ToWorker} message
 */
export function tell(worker, message) {
  worker?.postMessage(message);
}
