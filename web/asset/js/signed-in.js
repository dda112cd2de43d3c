// Whether this browser is signed in, asked of the server.

/**
 * The sign-in page answers that without an error: it sends on who is signed in. A
 * refusal would be written to the console, where errors are for faults.
 * @returns {Promise<boolean>} rejected if the server cannot be reached or does not say
 */
export async function isSignedIn() {
  const answer = await fetch("/login", { method: "HEAD", redirect: "manual" });
  if (answer.type === "opaqueredirect") return true;
  if (answer.ok) return false;
  throw new Error("the server does not say who is signed in");
}
