// How the page stands with the server, in its frame.

/** The document's event when a server that could not be reached is there again. */
export const SERVER_BACK = "ret-server-back";

/** The document's event when the server is out of reach. */
export const SERVER_GONE = "ret-server-gone";

/** Whether the server is out of reach, as far as the page knows. */
export function isOffline() {
  return document.getElementById("connection")?.dataset.state === "offline";
}

/** Whether the live channel stands. */
export function isLive() {
  return document.getElementById("connection")?.dataset.state === "live";
}

/**
 * @param {"live" | "catching up" | "connecting" | "offline"} state
 * @param {string} text
 */
export function showConnection(state, text) {
  const sign = document.getElementById("connection");
  if (!sign) return;
  const before = sign.dataset.state;
  sign.dataset.state = state;
  if (before === "offline" && state !== "offline") document.dispatchEvent(new Event(SERVER_BACK));
  if (before !== "offline" && state === "offline") document.dispatchEvent(new Event(SERVER_GONE));
  if (sign.textContent !== text) sign.replaceChildren(text);
}
