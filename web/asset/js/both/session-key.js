// The key of all that this browser keeps of a session. It is made of two halves: a
// word that the server gave with the session, in the cookie ret_here, and a secret of
// 256 random bits in one of the origin's private files. Signing out overwrites the
// secret where it lies, before anything is deleted; the cookie goes by itself.
import { removeFiles } from "./engine-files.js";
import { removeEntry } from "./remove-entry.js";
import { SealKey } from "./seal.js";

/** The name of a worker that only destroys the key; every other worker's is the word. */
export const ERASER = "erase";

/** Names the file and the lock of whoever makes or destroys it. */
const FILE = "ret-key";

const SECRET_BYTES = 32;
const KEY_BYTES = 32;
const CHECK_BYTES = 16;

/** @typedef {{ hex: string, seal: SealKey }} SessionKey hex: as the module takes it */

/**
 * The key; made if there is none, or if the one that is there belongs to another
 * session or was being destroyed: what is kept then cannot be read any more and goes
 * first. In workers only.
 * @returns {Promise<SessionKey>} rejected in a browser without private files
 */
export function openKey() {
  const word = self.name;
  if (word === "") return Promise.reject(new Error("nobody is signed in"));
  return alone(async () => (await keptKey(word)) ?? makeKey(word));
}

/**
 * Overwrites the secret on disk, then removes its file. In workers only.
 */
export function destroyKey() {
  return alone(async () => {
    const root = await navigator.storage.getDirectory();
    const file = await root.getFileHandle(FILE).catch(() => null);
    if (!file) return;
    await overwrite(file, crypto.getRandomValues(new Uint8Array(SECRET_BYTES + CHECK_BYTES)));
    await removeEntry(root, FILE);
  });
}

/** @template T @param {() => Promise<T>} act */
function alone(act) {
  return /** @type {Promise<T>} */ (navigator.locks.request(FILE, act));
}

/** @param {string} word @returns {Promise<SessionKey | null>} null if there is none of this session */
async function keptKey(word) {
  const root = await navigator.storage.getDirectory();
  const file = await root.getFileHandle(FILE).catch(() => null);
  if (!file) return null;
  const kept = new Uint8Array(await (await file.getFile()).arrayBuffer());
  const secret = kept.slice(0, SECRET_BYTES);
  const { key, check } = await derive(secret, word);
  const whole = kept.length === SECRET_BYTES + CHECK_BYTES && check.every((byte, i) => kept[SECRET_BYTES + i] === byte);
  return whole ? sessionKey(key) : null;
}

/** @param {string} word @returns {Promise<SessionKey>} */
async function makeKey(word) {
  await removeFiles();
  const secret = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  const { key, check } = await derive(secret, word);
  const root = await navigator.storage.getDirectory();
  const bytes = new Uint8Array(SECRET_BYTES + CHECK_BYTES);
  bytes.set(secret);
  bytes.set(check, SECRET_BYTES);
  await overwrite(await root.getFileHandle(FILE, { create: true }), bytes);
  return sessionKey(key);
}

/** @param {Uint8Array<ArrayBuffer>} secret @param {string} word */
async function derive(secret, word) {
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const text = new TextEncoder();
  const how = { name: "HKDF", hash: "SHA-256", salt: text.encode(word), info: text.encode("ret browser") };
  const bits = new Uint8Array(await crypto.subtle.deriveBits(how, base, 8 * (KEY_BYTES + CHECK_BYTES)));
  return { key: bits.slice(0, KEY_BYTES), check: bits.slice(KEY_BYTES) };
}

/** @param {Uint8Array<ArrayBuffer>} key @returns {Promise<SessionKey>} */
async function sessionKey(key) {
  const hex = Array.from(key, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { hex, seal: await SealKey.of(key) };
}

/** @param {FileSystemFileHandle} file @param {Uint8Array} bytes */
async function overwrite(file, bytes) {
  const handle = await /** @type {SyncAccessible} */ (file).createSyncAccessHandle();
  try {
    if (handle.write(bytes, { at: 0 }) < bytes.length) throw new DOMException("short write", "QuotaExceededError");
    handle.truncate(bytes.length);
    handle.flush();
  } finally {
    handle.close();
  }
}
