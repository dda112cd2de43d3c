// Whether this browser is signed in, asked of the server.

/**
 * The sign-in page answers that without an error: it is shown to nobody else than
 * who is not. A refusal would be written to the console, where errors are for faults.
 * @param {AbortSignal} [signal]
 * @returns {Promise<boolean>} true too if the server does not say, as when it is
 *   asked too often; rejected if it cannot be reached
 */
export async function isSignedIn(signal) {
  const answer = await fetch("/login", { method: "HEAD", redirect: "manual", signal });
  return !answer.ok;
}
