// A person's changes on their way into the outbox of this browser's replica,
// which shows them at once and sees to it that the server does them once.
import { AskedChanges } from "./asked-changes.js";
import { isOffline } from "./connection.js";
import { mutationOf } from "./mutation.js";
import { showRefusal } from "./rejections.js";

/** How long a page that has just been opened may take to follow a replica. */
const PATIENCE_MS = 5000;

/** Asks the replica; null while the page does not follow one. @type {((change: MutateAsk) => void) | null} */
let post = null;

/** The document's event when the page follows a replica. */
const FOLLOWED = "ret-followed";

const changes = new AskedChanges();

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
 * Hands a form's change to the outbox, as posted does. It reports false if it is none
 * for it.
 * @param {FormData} fields
 * @returns {Promise<boolean>}
 */
export async function taken(fields) {
  const mutation = mutationOf(fields);
  return mutation !== null && posted(mutation);
}

/**
 * Hands a change to the outbox. It reports false if this browser cannot keep it: then it
 * is the server's.
 * @param {{ name: string, args: object }} mutation
 * @returns {Promise<boolean>}
 */
export async function posted(mutation) {
  const send = await outbox();
  if (!send) return false;
  const { type, code, detail } = await changes.ask(mutation, send);
  if (type === "refused" && isServers(code ?? "")) return false;
  if (type === "refused") showRefusal(mutation.name, detail ?? "");
  if (type === "silent") showRefusal(mutation.name, "It is not known whether this was taken. Look whether it shows, and try again if not.");
  return true;
}

/**
 * Whether the server may take what this browser's copy has refused: it has room and is
 * whole, and it knows what has not come into the copy yet, which a page that it has drawn
 * may show already. Whether it can be reached shows then.
 * @param {string} code of the refusal
 */
function isServers(code) {
  return ["no_space", "unavailable", "internal", "not_found"].includes(code);
}

/** How many changes this page has asked for and not heard of. */
export function asked() {
  return changes.size;
}

/** Another worker leads: what has no answer is asked for again. */
export function askAgain() {
  if (post) changes.again(post);
}

/** This browser keeps no copy any more. */
export function giveUpChanges() {
  changes.giveUp();
}

/** @param {ChangeAnswer & { ask: string }} frame */
export function answerChange(frame) {
  changes.answered(frame);
}
