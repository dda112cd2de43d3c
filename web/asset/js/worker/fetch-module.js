// The module's code. Browsers keep what they have compiled of it beside their own
// cache of what the network gave, and only there: the module of a later visit then
// runs at its full speed from the first change on. So the service worker leaves it
// alone, and its copy is for when the browser has thrown the other away.
import { moduleURL } from "../both/engine-module.js";

/** How long the network may take for what is here as well. */
const NETWORK_MS = 1500;

/** @returns {Promise<Response>} */
export async function fetchModule() {
  const kept = await globalThis.caches?.match(moduleURL, { ignoreVary: true });
  if (!kept) return fetch(moduleURL);
  const fetched = fetch(moduleURL).then((answer) => (answer.ok ? answer : kept));
  const late = new Promise((/** @type {(kept: Response) => void} */ resolve) => setTimeout(() => resolve(kept), NETWORK_MS));
  return Promise.race([fetched.catch(() => kept), late]);
}
