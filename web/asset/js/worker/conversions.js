// What this browser has converted itself, as the worker that leads has it open for
// its module.
import { keptConversions, openContent, readManifest, removeConversion, sweepConversions } from "../both/conversion-store.js";

/** @typedef {import("../both/seal.js").SealKey} SealKey */

/**
 * @typedef {{ manifest: string, files: string[], number: number }} Conversion
 * files: ids of the uploads; number: of its tables' handle
 */

export class Conversions {
  constructor() {
    /** Of what is kept. @type {SealKey | null} */
    this.key = null;
    /** By number, for the module; those that are let go are closed. @type {SyncAccessHandle[]} */
    this.handles = [];
    /** @type {Map<string, Conversion>} by job */
    this.open = new Map();
    /** Uploads that have gone up since this worker leads. @type {Set<string>} */
    this.up = new Set();
    /** Those that are just being opened, which nobody else may. @type {Map<string, Promise<void>>} */
    this.opening = new Map();
  }

  /** Opens all that is kept. @param {SealKey} key */
  async openAll(key) {
    this.key = key;
    await sweepConversions();
    for (const job of await keptConversions()) await this.add(job);
  }

  /** Opens one. @param {string} job @returns {Promise<void>} */
  add(job) {
    if (this.open.has(job)) return Promise.resolve();
    const opening = this.opening.get(job) ?? this.read(job).finally(() => this.opening.delete(job));
    this.opening.set(job, opening);
    return opening;
  }

  /** What cannot be read is of no use: the server converts it again. @param {string} job */
  async read(job) {
    try {
      const manifest = await readManifest(/** @type {SealKey} */ (this.key), job);
      const { files } = JSON.parse(manifest.slice(0, manifest.indexOf("\n")));
      const number = this.handles.push(await openContent(job)) - 1;
      this.open.set(job, { manifest, files: files.map((/** @type {{ id: string }} */ file) => file.id), number });
    } catch (problem) {
      console.warn("RET cannot read what was converted here:", problem);
      await removeConversion(job);
    }
  }

  /**
   * Offers all to the module, which settles what it does not need.
   * @param {Engine} engine @param {string[]} [waiting] the uploads that have not gone up, if that is known
   */
  offer(engine, waiting) {
    for (const [job, { manifest, files, number }] of this.open) {
      const waits = (/** @type {string} */ id) => !waiting || waiting.includes(id) || this.up.has(id);
      engine.offered(job, manifest, number, files.some(waits));
    }
  }

  /** Lets one go: the server has done the same. @param {string} job */
  async settle(job) {
    const conversion = this.open.get(job);
    if (conversion) this.handles[conversion.number].close();
    this.open.delete(job);
    await removeConversion(job);
  }

  close() {
    for (const { number } of this.open.values()) this.handles[number].close();
    this.open.clear();
  }
}
