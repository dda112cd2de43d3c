// What this browser has converted itself, until the server has done the same: the
// tables of a job in one of the origin's private files, beside a manifest that says
// what they are and where they lie, both sealed. Without its manifest a file is of no
// use.
import { PrivateFolder } from "./private-folder.js";

/** @typedef {import("./seal.js").SealKey} SealKey */

const folder = new PrivateFolder("ret-conversions");

/** @param {string} job */
const contentName = (job) => `${job}.tables`;
/** @param {string} job */
const manifestName = (job) => `${job}.json`;

/** In workers only. @param {string} job @returns {Promise<SyncAccessHandle>} */
export function openContent(job) {
  return folder.access(contentName(job));
}

/**
 * In workers only.
 * @param {SealKey} key @param {string} job @param {string[]} lines see the Go function converter.ReadManifest
 */
export function writeManifest(key, job, lines) {
  return folder.writeText(key, manifestName(job), lines.join("\n"));
}

/** @param {SealKey} key @param {string} job @returns {Promise<string>} */
export function readManifest(key, job) {
  return folder.alone(() => folder.readText(key, manifestName(job)));
}

/** @returns {Promise<string[]>} the jobs, oldest first */
export async function keptConversions() {
  const found = await folder.names();
  return found.filter((name) => name.endsWith(".json")).map((name) => name.slice(0, -".json".length)).sort();
}

/** @param {string} job */
export function removeConversion(job) {
  return folder.remove(manifestName(job), contentName(job));
}

/**
 * Removes tables whose conversion was broken off. Those of one under way are held
 * by its worker, and stay.
 */
export function sweepConversions() {
  return folder.alone(sweep);
}

async function sweep() {
  const found = await folder.names();
  for (const name of found) {
    if (name.endsWith(".tables") && !found.includes(manifestName(name.slice(0, -".tables".length)))) await folder.removeUnused(name);
  }
}

/** Removes all files; none may be in use by a worker that lives on. */
export function removeConversions() {
  return folder.removeAll();
}
