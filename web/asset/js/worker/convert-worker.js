// A worker of its own for each conversion, so that the one that leads stays
// quick: keeps the dropped files, converts them by the server's own code, and
// says to its page what comes of it. Who wants to cancel ends the worker.
import { Channel } from "../both/channel.js";
import { openContent, removeConversion, writeManifest } from "../both/conversion-store.js";
import { inMemory, intoFile, ofPerson } from "./convert-files.js";
import { rehearse } from "./convert-rehearsal.js";
import { runConversion } from "./convert-run.js";
import { fetchModule } from "./fetch-module.js";
import { openKey } from "../both/session-key.js";
import { keepFile, removeUpload, writeRecord } from "../both/upload-store.js";

/** @typedef {import("../both/session-key.js").SessionKey} SessionKey */

/** The worker that leads listens here. */
const channel = new Channel();

/** @param {import("../both/channel.js").ToOrderer} message */
function tell(message) {
  postMessage(message);
}

/** From the start on, since nothing else is done here. */
const compiled = compile();
compiled.catch(() => {}); // whoever needs it says so

/** Whether there is something better to do than to rehearse. */
let ordered = false;

/** @type {Promise<void>} until then the module is not free */
let rehearsal = Promise.resolve();

onmessage = (/** @type {MessageEvent<import("../both/channel.js").ToConverter>} */ { data }) => {
  if (data.type === "rehearse") {
    rehearsal = compiled.then((module) => rehearse(module, () => !ordered)).catch(() => {});
    return;
  }
  ordered = true;
  work(data.order).catch((problem) => {
    console.warn("RET could not convert here:", problem);
    tell({ type: "failed", problem: isQuota(problem) ? noRoom : notHere, kept: false });
  });
};

const noRoom = "This browser has no room to keep the file until the network returns, and nothing was kept of it. Free some space on this computer's disk, then try again.";
const notHere = "This browser could not keep the file, and nothing was kept of it. Try again when the server can be reached.";

const noRoomForTables = "This browser has no room for the tables. The file is kept, and the server converts it when it can be reached.";

const later = "The file could not be converted here. The server converts it when it can be reached.";

/** @param {unknown} problem */
function isQuota(problem) {
  return problem instanceof DOMException && problem.name === "QuotaExceededError";
}

/** @param {ConversionOrder} order */
async function work(order) {
  const afterwards = order.files.reduce((sum, { file }) => sum + file.size, 0) <= KEEP_LATER_BYTES;
  /** @type {Dropped[]} */
  const dropped = [];
  /** @type {SyncAccessHandle | null} */
  let content = null;
  let outcome = { kept: false, converted: false };
  const key = await openKey();
  try {
    for (const [i, { file, path }] of order.files.entries()) {
      const bytes = file.size > WHOLE_BYTES ? null : new Uint8Array(await file.arrayBuffer());
      dropped.push(new Dropped(order.ids[i], file, path, bytes, key.seal));
      if (!afterwards) await dropped[i].keep();
    }
    content = await openContent(order.job);
    outcome = await run(order, dropped, content, key);
  } catch (problem) {
    if (isQuota(problem) || dropped.length < order.files.length) throw problem;
    console.warn("RET could not convert here, and keeps the file:", problem);
    outcome.kept = await keepAsTheyAre(order, dropped, key);
    if (!outcome.kept) throw problem;
    tell({ type: "failed", problem: later, kept: true });
  } finally {
    for (const file of dropped) file.close();
    content?.close();
    if (!outcome.kept) for (const id of order.ids) await removeUpload(id);
    if (!outcome.converted) await removeConversion(order.job);
  }
  if (outcome.converted) channel.say({ type: "converted", job: order.job });
  if (outcome.kept) tell({ type: "kept" });
  channel.say({ type: "pending" });
}

/**
 * Keeps files that the module could not look into, as when it cannot be had: the server
 * does.
 * @param {ConversionOrder} order @param {Dropped[]} dropped @param {SessionKey} key
 * @returns {Promise<boolean>} false for a file that is too long for its digest to be known
 */
async function keepAsTheyAre(order, dropped, key) {
  const sums = await Promise.all(dropped.map((d) => d.sha256));
  if (sums.includes("")) return false;
  for (const file of dropped) await file.keep();
  await record(key, order, dropped.map(({ id, file, path }, i) => ({ id, name: path, size: file.size, sha256: sums[i], kind: "" })));
  return true;
}

async function compile() {
  return WebAssembly.compileStreaming(fetchModule());
}

/** Up to here a file is taken into memory at once. */
const WHOLE_BYTES = 256 << 20;

/**
 * Up to here files are kept after they are converted, from memory: the person waits for
 * the tables, and what is broken off leaves nothing either way.
 */
const KEEP_LATER_BYTES = 64 << 20;

/** A file of an order. */
class Dropped {
  /**
   * @param {string} id @param {File} file @param {string} path
   * @param {Uint8Array<ArrayBuffer> | null} bytes all of it, if it is in memory
   * @param {import("../both/seal.js").SealKey} key to keep it with
   */
  constructor(id, file, path, bytes, key) {
    this.key = key;
    this.id = id;
    this.file = file;
    this.path = path;
    this.bytes = bytes;
    this.sha256 = digest(bytes);
    this.sha256.catch(() => {}); // whoever needs it says so
    /** @type {SyncAccessHandle | null} once it is kept */
    this.handle = null;
  }

  async keep() {
    this.handle ??= await keepFile(this.key, this.id, this.file, this.bytes);
    this.bytes = null;
  }

  /** @returns {Readable} */
  content() {
    return this.bytes ? inMemory(this.bytes) : ofPerson(this.file);
  }

  close() {
    this.handle?.close();
  }
}

/**
 * A file's SHA-256 in hex, or "" if the module has to find it: the browser is ten
 * times as fast, and does it beside the rest, but needs all of the file in memory.
 * @param {Uint8Array<ArrayBuffer> | null} bytes @returns {Promise<string>}
 */
async function digest(bytes) {
  if (!bytes) return "";
  const sum = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(sum), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Runs the module until the conversion has ended, one way or the other. It says
 * whether the files are kept and written down as waiting, and their tables too.
 * @param {ConversionOrder} order @param {Dropped[]} dropped
 * @param {SyncAccessHandle} content of an empty file, for the tables @param {SessionKey} key
 */
async function run(order, dropped, content, key) {
  const module = await compiled;
  const sums = await Promise.all(dropped.map((d) => d.sha256));
  /** @type {string[]} of the manifest */
  const lines = [];
  /** @type {DroppedFile[]} what the module has found them to be */
  let files = [];
  let done = false;
  let problem = "";
  /** @type {ConverterOrder} */
  const job = { id: order.job, files: order.files.map(({ path }, i) => ({ id: order.ids[i], name: path, sha256: sums[i] })), options: order.options, limits: order.limits, convert: order.convert };
  const host = {
    job: JSON.stringify(job),
    key: key.hex,
    log: (/** @type {string} */ text) => console.warn(text),
    files: (/** @type {string} */ text) => (files = JSON.parse(text)),
    progress: (/** @type {string} */ text) => tell({ type: "progress", progress: JSON.parse(text) }),
    done: () => (done = true),
    failed: (/** @type {string} */ text) => (problem = text),
  };
  const finish = (/** @type {string} */ text) => void lines.push(...hand(text));
  await rehearsal;
  await runConversion(module, { files: dropped.map((d) => d.content()), tables: intoFile(content), finish, host });
  const kept = files.length > 0;
  if (kept) {
    for (const file of dropped) await file.keep();
    await record(key, order, files);
  }
  if (!done) tell({ type: "failed", problem: problem || (kept ? later : notHere), kept });
  const converted = done && order.convert && (await keepTables(order, files, lines, content, key));
  return { kept, converted };
}

/**
 * Makes the tables last until the server has them.
 * @param {ConversionOrder} order @param {DroppedFile[]} files @param {string[]} lines of the manifest
 * @param {SyncAccessHandle} content @param {SessionKey} key
 */
async function keepTables(order, files, lines, content, key) {
  try {
    content.flush();
    /** @type {ManifestHeader} */
    const header = { id: order.job, options: order.options, files };
    await writeManifest(key.seal, order.job, [JSON.stringify(header), ...lines]);
    return true;
  } catch (problem) {
    tell({ type: "failed", problem: isQuota(problem) ? noRoomForTables : later, kept: true });
    return false;
  }
}

/**
 * Writes down what is to go up. Files that are converted together have one job,
 * which comes after the last of them.
 * @param {SessionKey} key @param {ConversionOrder} order @param {DroppedFile[]} dropped
 */
async function record(key, order, dropped) {
  const { ids, files, options, job, convert } = order;
  const alone = ids.length === 1;
  for (const [i, id] of ids.entries()) {
    const last = i === ids.length - 1;
    await writeRecord(key.seal, {
      id, name: files[i].path, size: files[i].file.size, sha256: dropped[i].sha256, convert: convert && alone, options, job: alone && convert ? job : undefined,
      then: convert && !alone && last ? { job, files: ids, options } : undefined,
    });
  }
}

/**
 * Tells the page of finished documents, and returns them as the manifest has them.
 * @param {string} text
 */
function hand(text) {
  return text.trimEnd().split("\n").map((line) => {
    const finished = /** @type {Handed} */ (JSON.parse(line));
    tell({ type: "finished", finished: { files: finished.files, tables: finished.tables.map(({ id, file, rows }) => ({ id, file, rows })) } });
    return line;
  });
}
