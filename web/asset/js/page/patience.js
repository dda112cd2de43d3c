// Waiting for a slow server, which is not one that is away.

/** How long an answer may take before it is asked whether the server is there. */
const LOOK_MS = 1500;

/**
 * What is waited for, for as long as the server shows that it is there.
 * @template T
 * @param {Promise<T>} answer @param {() => Promise<boolean>} isThere @param {number} [every] milliseconds
 * @returns {Promise<T>} rejected when the server is gone
 */
export async function whileThere(answer, isThere, every = LOOK_MS) {
  const given = answer.then((value) => ({ value }));
  for (;;) {
    const first = await Promise.race([given, after(every)]);
    if (first) return first.value;
    if (!(await isThere())) throw new Error("the server is gone");
  }
}

/** Whether there is a server; a proxy that answers for it is none. */
export async function serverAnswers() {
  const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) }).catch(() => null);
  return answer !== null && answer.status < 500;
}

/** How long the server may take to show that it is there. */
const ANSWER_MS = 2000;

/** @param {number} ms @returns {Promise<null>} */
function after(ms) {
  return new Promise((resolve) => setTimeout(() => resolve(null), ms));
}
