// Asks about a table: the server, as its API answers, and where it cannot be reached the
// worker, which answers the same of what this browser keeps.
import { isOffline } from "./connection.js";
import { askWorker } from "./navigate.js";

/** Why there is no answer. */
export class ReadProblem extends Error {
  /** @param {number} status of HTTP; 0: nobody could be asked @param {string} sentence @param {number} [wait] seconds */
  constructor(status, sentence, wait = 0) {
    super(sentence);
    this.status = status;
    this.wait = wait;
  }
}

const NOBODY = "The server cannot be reached now, and this browser does not have that.";

/**
 * @param {string} path of the API, and query
 * @param {AbortSignal} signal
 * @returns {Promise<any>} rejected with a ReadProblem, or because it was given up
 */
export async function readTable(path, signal) {
  if (!isOffline()) {
    const answer = await fetch(path, { signal }).catch(() => null);
    signal.throwIfAborted();
    if (answer?.ok) return answer.json();
    // What was made here the server does not know yet.
    if (answer && answer.status !== 404 && answer.status < 500) throw await refusal(answer);
  }
  const kept = await askWorker(path, signal);
  signal.throwIfAborted();
  if (!kept?.status) throw new ReadProblem(0, NOBODY);
  const body = JSON.parse(kept.body);
  if (kept.status !== 200) throw new ReadProblem(kept.status, body.detail);
  return body;
}

/** @param {Response} answer */
async function refusal(answer) {
  const { detail = "" } = await answer.json().catch(() => ({}));
  return new ReadProblem(answer.status, detail, Number(answer.headers.get("Retry-After")));
}

/** @param {string} table its id @param {string} about what follows its address @param {URLSearchParams} [query] */
export function tablePath(table, about, query) {
  const path = `/api/v1/tables/${encodeURIComponent(table)}${about && "/" + about}`;
  return query?.size ? `${path}?${query}` : path;
}
