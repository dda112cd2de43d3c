// The origin's private files, as the module's file system uses them: a pool of
// synchronous access handles that are opened before the module starts, and the
// functions by which it reads and writes them. Only the worker that has the lock
// REPLICA may have them open.

import { removeConversions } from "./conversion-store.js";
import { removeEntry } from "./remove-entry.js";
import { removeUploads } from "./upload-store.js";

const FOLDER = "ret";
const FILES = 6;

/** How long handles may be held by a worker that was just ended. */
const PATIENCE_MS = 5000;
const AGAIN_MS = 50;

/**
 * Opens the pool, or gives an empty one if the browser has no such files.
 * @returns {Promise<SyncAccessHandle[]>}
 */
export async function openFiles() {
  /** @type {SyncAccessHandle[]} */
  const handles = [];
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(FOLDER, { create: true });
    for (let i = 0; i < FILES; i++) handles.push(await openFile(folder, String(i)));
  } catch (problem) {
    handles.forEach((h) => h.close());
    if (problem instanceof DOMException && problem.name === "NoModificationAllowedError") throw problem;
    return [];
  }
  return handles;
}

/** @param {FileSystemDirectoryHandle} folder @param {string} name */
async function openFile(folder, name) {
  const file = /** @type {SyncAccessible} */ (await folder.getFileHandle(name, { create: true }));
  for (const began = performance.now(); ; ) {
    try {
      return await file.createSyncAccessHandle();
    } catch (problem) {
      const held = problem instanceof DOMException && problem.name === "NoModificationAllowedError";
      if (!held || performance.now() - began > PATIENCE_MS) throw problem;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

/**
 * Removes all files, also those that wait for the network and what was converted
 * here, one by one: never their folder under handles that are still open. Waits for
 * those that another worker has not let go yet.
 */
export async function removeFiles() {
  await removeUploads();
  await removeConversions();
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle(FOLDER).catch(() => null);
  if (!folder) return;
  for (let i = 0; i < FILES; i++) await removeEntry(folder, String(i));
  await removeEntry(root, FOLDER);
}

const QUOTA = -2;
const LOST = -1;

/**
 * The functions that the module imports. What handles throw must not reach it:
 * an exception that passes through Go ends it. The memory's buffer is asked for
 * at each call, since it is another one after the memory has grown.
 * @param {SyncAccessHandle[]} handles
 * @param {() => WebAssembly.Memory} memory
 */
export function fileImports(handles, memory) {
  const bytes = (/** @type {number} */ at, /** @type {number} */ n) => new Uint8Array(memory().buffer, at, n);
  return {
    count: () => handles.length,
    /** @type {(file: number, at: number, n: number, off: number) => number} */
    read: (file, at, n, off) => safely(() => handles[file].read(bytes(at, n), { at: off })),
    /** @type {(file: number, at: number, n: number, off: number) => number} */
    write: (file, at, n, off) => safely(() => handles[file].write(bytes(at, n), { at: off })),
    /** @type {(file: number, size: number) => number} */
    truncate: (file, size) => safely(() => handles[file].truncate(size)),
    /** @type {(file: number) => number} */
    flush: (file) => safely(() => handles[file].flush()),
    /** @type {(file: number) => number} */
    size: (file) => safely(() => handles[file].getSize()),
  };
}

/** @param {() => number | void} call */
function safely(call) {
  try {
    return call() ?? 0;
  } catch (problem) {
    return problem instanceof Error && problem.name === "QuotaExceededError" ? QUOTA : LOST;
  }
}
