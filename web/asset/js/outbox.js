// A person's changes on their way into the outbox of this browser's replica,
// which shows them at once and sees to it that the server does them once.
import { isOffline } from "./connection.js";
import { mutationOf } from "./mutation.js";
import { showRefusal } from "./rejections.js";

/** How long the worker may take to answer. */
const PATIENCE_MS = 5000;

/** Asks the replica; null while the page does not follow one. @type {((change: MutateAsk) => void) | null} */
let post = null;

/** The document's event when the page follows a replica. */
const FOLLOWED = "ret-followed";

/** @type {Map<string, (answer: ChangeAnswer) => void>} who waits for an answer, by ask */
const waiting = new Map();

/** @param {((change: MutateAsk) => void) | null} ask null: changes go to the server */
export function followOutbox(ask) {
  post = ask;
  if (ask) document.dispatchEvent(new Event(FOLLOWED));
}

/** A page that has only just been opened without a server follows a replica in a moment. */
async function outbox() {
  if (!post && isOffline()) {
    await new Promise((resolve) => {
      document.addEventListener(FOLLOWED, resolve, { once: true });
      setTimeout(resolve, PATIENCE_MS);
    });
  }
  return post;
}

/**
 * Hands a form's change to the outbox. It reports false if it is none for it, or
 * if this browser cannot keep it: then it is the server's.
 * @param {FormData} fields
 * @returns {Promise<boolean>}
 */
export async function taken(fields) {
  const mutation = mutationOf(fields);
  const send = mutation && (await outbox());
  if (!send) return false;
  const ask = crypto.randomUUID();
  const answer = new Promise((/** @type {(answer: ChangeAnswer) => void} */ resolve) => {
    waiting.set(ask, resolve);
    setTimeout(() => resolve({ type: "silent" }), PATIENCE_MS);
  });
  send({ ask, ...mutation });
  const { type, code, detail } = await answer;
  waiting.delete(ask);
  // The server has room and is whole; whether it can be reached shows then.
  if (type === "refused" && ["no_space", "unavailable", "internal"].includes(code ?? "")) return false;
  if (type === "refused") showRefusal(mutation.name, detail ?? "");
  if (type === "silent") showRefusal(mutation.name, "It is not known whether this was taken. Look whether it shows, and try again if not.");
  return true;
}

/** How many changes this page has asked for and not heard of. */
export function asked() {
  return waiting.size;
}

/** @param {ChangeAnswer & { ask: string }} frame */
export function answerChange(frame) {
  waiting.get(frame.ask)?.(frame);
}
