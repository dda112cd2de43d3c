// Takes all that a session has left in this browser out of it.
import { removeFiles } from "./engine-files.js";

/**
 * Erases files, databases, caches, the service worker and storage, in this order:
 * what holds the session's data goes first. No worker may have the files open. A
 * step that cannot be done does not keep the others from it; what is left then,
 * the signed-out page has the browser clear.
 */
export async function purge() {
  for (const step of [removeFiles, dropDatabases, dropCaches, dropServiceWorkers, dropStorage]) {
    await step().catch(() => {});
  }
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
