// Files that wait for the network: their bytes in the origin's private files,
// each beside a small record that says what is to become of it. Never in
// IndexedDB, which leaves readable what it has deleted.
import { PrivateFolder } from "./private-folder.js";

const folder = new PrivateFolder("ret-uploads");

/** How much is copied at once. */
const PIECE_BYTES = 4 << 20;

/**
 * Keeps a file's bytes, and leaves nothing of them if there is no room. The file
 * stays open for reading. In workers only.
 * @param {string} id @param {File} file @param {Uint8Array | null} bytes all of it, or null to read it by pieces
 * @returns {Promise<SyncAccessHandle>}
 */
export async function keepFile(id, file, bytes) {
  const handle = await folder.access(id);
  const reader = new FileReaderSync();
  const read = (/** @type {number} */ at) => new Uint8Array(reader.readAsArrayBuffer(file.slice(at, at + PIECE_BYTES)));
  try {
    for (let at = 0, piece; at < file.size; at += piece.length) {
      piece = bytes ?? read(at);
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
export function writeRecord(record) {
  return folder.write(`${record.id}.json`, JSON.stringify(record));
}

/**
 * The uploads that wait, oldest first. A record that was cut off in the middle is
 * none; its file cannot be known any more and goes.
 * @returns {Promise<PendingUpload[]>}
 */
export function readRecords() {
  return folder.alone(readAll);
}

async function readAll() {
  /** @type {PendingUpload[]} */
  const records = [];
  for (const name of await folder.names()) {
    if (!name.endsWith(".json")) continue;
    try {
      records.push(JSON.parse(await (await folder.read(name)).text()));
    } catch {
      await removeUpload(name.slice(0, -".json".length));
    }
  }
  return records.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** @param {string} id @returns {Promise<Blob>} */
export function keptFile(id) {
  return folder.read(id);
}

/**
 * The record goes first: bytes without one are of no use to anybody.
 * @param {string} id
 */
export function removeUpload(id) {
  return folder.remove(`${id}.json`, id);
}

/**
 * Removes bytes whose tab was closed before it was known what they are. Those of a
 * conversion under way are held by its worker, and stay.
 */
export function sweepUploads() {
  return folder.alone(sweep);
}

async function sweep() {
  const found = await folder.names();
  for (const name of found) {
    if (!name.endsWith(".json") && !found.includes(`${name}.json`)) await folder.removeUnused(name);
  }
}

/** Removes all files; none may be in use by a worker that lives on. */
export function removeUploads() {
  return folder.removeAll();
}
