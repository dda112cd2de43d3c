// Takes all that a session has left in this browser out of it.
import { REPLICA } from "../both/channel.js";
import { removeFiles } from "../both/engine-files.js";
import { startEraser } from "./script-url.js";

/** How long a worker that was told to end may still lead. */
const LEADER_ENDS_MS = 2000;

/** How long a worker may take to overwrite the key. */
const ERASER_MS = 3000;

/**
 * Destroys the key of what is kept, then erases files, databases, caches, the service
 * worker and storage, in this order. This tab's worker must have been ended
 * and the others told to. A step that cannot be done does not keep the others from
 * it; what is left then, the signed-out page has the browser clear.
 */
export async function purge() {
  await withoutLeader(async () => {
    for (const step of [eraseKey, removeFiles, dropDatabases, dropCaches, dropServiceWorkers, dropStorage]) {
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

/**
 * Only workers can write a private file where it lies. Where none can be had, the file
 * is removed with the others.
 */
async function eraseKey() {
  if (!("Worker" in window && navigator.storage?.getDirectory)) return;
  const eraser = startEraser();
  await new Promise((resolve) => {
    eraser.onmessage = eraser.onerror = resolve;
    setTimeout(resolve, ERASER_MS);
  });
  eraser.terminate();
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
