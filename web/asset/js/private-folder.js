// A folder of the origin's private files.
import { removeEntry } from "./remove-entry.js";

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
    const file = /** @type {SyncAccessible} */ (await (await this.open()).getFileHandle(name, { create: true }));
    return file.createSyncAccessHandle();
  }

  /** @param {string} name @returns {Promise<File>} */
  async read(name) {
    return (await (await this.open()).getFileHandle(name)).getFile();
  }

  /**
   * Makes a file hold a text. In workers only.
   * @param {string} name @param {string} text
   */
  async write(name, text) {
    const handle = await this.access(name);
    try {
      const bytes = new TextEncoder().encode(text);
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
