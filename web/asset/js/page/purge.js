// Takes all that a session has left in this browser out of it.
import { REPLICA } from "../both/channel.js";
import { removeFiles } from "../both/engine-files.js";

/** How long a worker that was told to end may still lead. */
const LEADER_ENDS_MS = 2000;

/**
 * Erases files, databases, caches, the service worker and storage, in this order:
 * what holds the session's data goes first. This tab's worker must have been ended
 * and the others told to. A step that cannot be done does not keep the others from
 * it; what is left then, the signed-out page has the browser clear.
 */
export async function purge() {
  await withoutLeader(async () => {
    for (const step of [removeFiles, dropDatabases, dropCaches, dropServiceWorkers, dropStorage]) {
      await step().catch(() => {});
    }
  });
}

/**
 * Does something while no worker leads: one that took over in the middle would
 * make the files anew.
 * @param {() => Promise<void>} work
 */
async function withoutLeader(work) {
  if (!("locks" in navigator)) return work();
  await navigator.locks.request(REPLICA, { signal: AbortSignal.timeout(LEADER_ENDS_MS) }, work).catch(work);
}

async function dropDatabases() {
  for (const { name } of await indexedDB.databases()) if (name) indexedDB.deleteDatabase(name);
}

async function dropCaches() {
  for (const name of await caches.keys()) await caches.delete(name);
}

async function dropServiceWorkers() {
  for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister();
}

async function dropStorage() {
  localStorage.clear();
  sessionStorage.clear();
}

/**
 * Deletes the readable half of the session's two cookies. A request that then
 * brings the other half alone tells the server that the person has signed out.
 */
export function forgetHere() {
  document.cookie = "ret_here=; Path=/; Max-Age=0; SameSite=Lax";
  document.cookie = "__Host-ret_here=; Path=/; Max-Age=0; SameSite=Lax; Secure";
}

/** Whether somebody is signed in, as far as this browser knows. */
export function isHere() {
  return /(^|; )(__Host-)?ret_here=/.test(document.cookie);
}
