// Files that wait for the network: their bytes in the origin's private files,
// each beside a small record that says what is to become of it, both sealed. Never in
// IndexedDB, which leaves readable what it has deleted.
import { PrivateFolder } from "./private-folder.js";

/** @typedef {import("./seal.js").SealKey} SealKey */

const folder = new PrivateFolder("ret-uploads");

/** How much is copied at once: whole chunks of what is sealed. */
const PIECE_BYTES = 4 << 20;

/**
 * Keeps a file's bytes, and leaves nothing of them if there is no room. The file
 * stays open, so that nobody sweeps it away. In workers only.
 * @param {SealKey} key @param {string} id @param {File} file @param {Uint8Array<ArrayBuffer> | null} bytes all of it, or null to read it by pieces
 * @returns {Promise<SyncAccessHandle>}
 */
export async function keepFile(key, id, file, bytes) {
  const handle = await folder.access(id);
  let written = 0;
  const append = (/** @type {Uint8Array} */ bytes) => {
    if (handle.write(bytes, { at: written }) < bytes.length) throw new DOMException("short write", "QuotaExceededError");
    written += bytes.length;
  };
  try {
    const part = await key.begin();
    append(part.header);
    for (let at = 0; at === 0 || at < file.size; at += PIECE_BYTES) {
      const piece = bytes?.subarray(at, at + PIECE_BYTES) ?? new Uint8Array(await file.slice(at, at + PIECE_BYTES).arrayBuffer());
      append(await part.seal(piece, at + PIECE_BYTES >= file.size));
    }
    handle.flush();
    return handle;
  } catch (problem) {
    handle.close();
    await removeUpload(id);
    throw problem;
  }
}

/** @param {SealKey} key @param {PendingUpload} record */
export function writeRecord(key, record) {
  return folder.writeText(key, `${record.id}.json`, JSON.stringify(record));
}

/**
 * The uploads that wait, oldest first. A record that was cut off in the middle is
 * none; its file cannot be known any more and goes.
 * @param {SealKey} key @returns {Promise<PendingUpload[]>}
 */
export function readRecords(key) {
  return folder.alone(() => readAll(key));
}

/** @param {SealKey} key */
async function readAll(key) {
  /** @type {PendingUpload[]} */
  const records = [];
  for (const name of await folder.names()) {
    if (!name.endsWith(".json")) continue;
    try {
      records.push(JSON.parse(await folder.readText(key, name)));
    } catch {
      await removeUpload(name.slice(0, -".json".length));
    }
  }
  return records.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** @param {SealKey} key @param {string} id */
export async function keptFile(key, id) {
  return key.open(await folder.read(id));
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
