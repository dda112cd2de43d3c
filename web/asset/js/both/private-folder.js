// A folder of the origin's private files.
import { removeEntry } from "./remove-entry.js";

/** @typedef {import("./seal.js").SealKey} SealKey */

/** How often a file is made anew that a sweep has taken away. */
const MOST_TRIES = 5;

export class PrivateFolder {
  /** @param {string} name in the origin's root */
  constructor(name) {
    this.name = name;
  }

  /** @returns {Promise<FileSystemDirectoryHandle>} */
  async open() {
    const root = await navigator.storage.getDirectory();
    return root.getDirectoryHandle(this.name, { create: true });
  }

  /**
   * In workers only.
   * @param {string} name of a file, which is made if it is not there
   * @returns {Promise<SyncAccessHandle>}
   */
  async access(name) {
    const folder = await this.open();
    for (let tries = 1; ; tries++) {
      try {
        const file = /** @type {SyncAccessible} */ (await folder.getFileHandle(name, { create: true }));
        return await file.createSyncAccessHandle();
      } catch (problem) {
        // A sweep may take away what nobody holds yet.
        if (!isSwept(problem) || tries === MOST_TRIES) throw problem;
      }
    }
  }

  /** @param {string} name @returns {Promise<File>} */
  async read(name) {
    return (await (await this.open()).getFileHandle(name)).getFile();
  }

  /**
   * Whoever writes a record that says what else is here does it alone, so that who
   * lists and sweeps finds all of it or nothing: half a record would be taken for one
   * that was cut off. The browser gives the turn back if a worker ends in it.
   * @template T @param {() => Promise<T>} act
   * @returns {Promise<T>}
   */
  alone(act) {
    return /** @type {Promise<T>} */ (navigator.locks.request(`ret-folder-${this.name}`, act));
  }

  /**
   * Makes a file hold a text, sealed and alone. In workers only.
   * @param {SealKey} key @param {string} name @param {string} text
   */
  async writeText(key, name, text) {
    const bytes = await key.seal(new TextEncoder().encode(text));
    return this.alone(() => this.overwrite(name, bytes));
  }

  /** @param {SealKey} key @param {string} name @returns {Promise<string>} rejected if it was cut off or changed */
  async readText(key, name) {
    return new TextDecoder().decode(await key.read(await this.read(name)));
  }

  /** @param {string} name @param {Uint8Array} bytes */
  async overwrite(name, bytes) {
    const handle = await this.access(name);
    try {
      handle.truncate(0);
      if (handle.write(bytes, { at: 0 }) < bytes.length) throw new DOMException("short write", "QuotaExceededError");
      handle.flush();
    } finally {
      handle.close();
    }
  }

  /** @returns {Promise<string[]>} */
  async names() {
    const found = [];
    const listed = /** @type {{ keys(): AsyncIterable<string> }} */ (/** @type {unknown} */ (await this.open()));
    for await (const name of listed.keys()) found.push(name);
    return found;
  }

  /** Removes files; none may be in use by a worker that lives on. @param {string[]} names */
  async remove(...names) {
    const folder = await this.open();
    for (const name of names) await removeEntry(folder, name);
  }

  /** Removes a file, unless a worker has it open. @param {string} name */
  async removeUnused(name) {
    await (await this.open()).removeEntry(name).catch(() => {});
  }

  /** Removes all files and the folder; none may be in use by a worker that lives on. */
  async removeAll() {
    const root = await navigator.storage.getDirectory();
    if (!(await root.getDirectoryHandle(this.name).catch(() => null))) return;
    await this.remove(...(await this.names()));
    await removeEntry(root, this.name);
  }
}

/** Whether a file was gone, or being removed, before it could be held. @param {unknown} problem */
function isSwept(problem) {
  return problem instanceof DOMException && (problem.name === "NotFoundError" || problem.name === "NoModificationAllowedError");
}
