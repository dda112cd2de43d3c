// Files that wait for the network: their bytes in the origin's private files,
// each beside a small record that says what is to become of it. Never in
// IndexedDB, which leaves readable what it has deleted.
import { removeEntry } from "./remove-entry.js";

const FOLDER = "ret-uploads";

/** How much is copied at once. */
const PIECE_BYTES = 4 << 20;

/** @returns {Promise<FileSystemDirectoryHandle>} */
async function openFolder() {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(FOLDER, { create: true });
}

/** @param {string} name @returns {Promise<SyncAccessHandle>} */
async function openFile(name) {
  const file = /** @type {SyncAccessible} */ (await (await openFolder()).getFileHandle(name, { create: true }));
  return file.createSyncAccessHandle();
}

/**
 * Keeps a file's bytes, and leaves nothing of them if there is no room. The file
 * stays open for reading. In workers only.
 * @param {string} id @param {File} file
 * @returns {Promise<SyncAccessHandle>}
 */
export async function keepFile(id, file) {
  const handle = await openFile(id);
  const reader = new FileReaderSync();
  try {
    for (let at = 0; at < file.size; at += PIECE_BYTES) {
      const piece = new Uint8Array(reader.readAsArrayBuffer(file.slice(at, at + PIECE_BYTES)));
      if (handle.write(piece, { at }) < piece.length) throw new DOMException("short write", "QuotaExceededError");
    }
    handle.flush();
    return handle;
  } catch (problem) {
    handle.close();
    await removeUpload(id);
    throw problem;
  }
}

/** @param {PendingUpload} record */
export async function writeRecord(record) {
  const handle = await openFile(`${record.id}.json`);
  try {
    handle.truncate(0);
    handle.write(new TextEncoder().encode(JSON.stringify(record)), { at: 0 });
    handle.flush();
  } finally {
    handle.close();
  }
}

/**
 * The uploads that wait, oldest first. A record that was cut off in the middle is
 * none; its file cannot be known any more and goes.
 * @returns {Promise<PendingUpload[]>}
 */
export async function readRecords() {
  const folder = await openFolder();
  /** @type {PendingUpload[]} */
  const records = [];
  for (const name of await names(folder)) {
    if (!name.endsWith(".json")) continue;
    try {
      records.push(JSON.parse(await (await (await folder.getFileHandle(name)).getFile()).text()));
    } catch {
      await removeUpload(name.slice(0, -".json".length));
    }
  }
  return records.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** @param {string} id @returns {Promise<Blob>} */
export async function keptFile(id) {
  return (await (await openFolder()).getFileHandle(id)).getFile();
}

/**
 * The record goes first: bytes without one are of no use to anybody.
 * @param {string} id
 */
export async function removeUpload(id) {
  const folder = await openFolder();
  for (const name of [`${id}.json`, id]) await removeEntry(folder, name);
}

/**
 * Removes bytes whose tab was closed before it was known what they are. Those of a
 * conversion under way are held by its worker, and stay.
 */
export async function sweepUploads() {
  const folder = await openFolder();
  const found = await names(folder);
  for (const name of found) {
    if (!name.endsWith(".json") && !found.includes(`${name}.json`)) await folder.removeEntry(name).catch(() => {});
  }
}

/** @param {FileSystemDirectoryHandle} folder @returns {Promise<string[]>} */
async function names(folder) {
  const found = [];
  const listed = /** @type {{ keys(): AsyncIterable<string> }} */ (/** @type {unknown} */ (folder));
  for await (const name of listed.keys()) found.push(name);
  return found;
}

/** Removes all files; none may be in use by a worker that lives on. */
export async function removeUploads() {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle(FOLDER).catch(() => null);
  if (!folder) return;
  for (const name of await names(folder)) await removeEntry(folder, name);
  await removeEntry(root, FOLDER);
}
