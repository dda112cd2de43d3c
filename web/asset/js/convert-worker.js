// A worker of its own for each conversion, so that the one that leads stays
// quick: keeps the dropped files, converts them by the server's own code, and
// says to its page what comes of it. Who wants to cancel ends the worker.
import { openContent, removeConversion, writeManifest } from "./conversion-store.js";
import { dropImports, TablesFile } from "./convert-files.js";
import { fileImports } from "./engine-files.js";
import { runtimeURL } from "./engine-module.js";
import { fetchModule } from "./fetch-module.js";
import { keepFile, removeUpload, writeRecord } from "./upload-store.js";

/** The uploader in the worker that leads listens here. */
const channel = new BroadcastChannel("ret-replica");

onmessage = (/** @type {MessageEvent<ConversionOrder>} */ { data }) => {
  work(data).catch((problem) => {
    console.warn("RET could not convert here:", problem);
    postMessage({ failed: isQuota(problem) ? noRoom : notHere });
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
  /** @type {SyncAccessHandle[]} */
  const handles = [];
  const module = compile(); // while the files are copied
  const digests = Promise.all(order.files.map(digest));
  try {
    for (const [i, file] of order.files.entries()) handles.push(await keepFile(order.ids[i], file));
  } catch (problem) {
    handles.forEach((h) => h.close());
    for (const id of order.ids) await removeUpload(id);
    throw problem;
  }
  let outcome = { kept: false, converted: false };
  const content = await openContent(order.job);
  try {
    outcome = await run(order, handles, new TablesFile(content), await module, await digests);
  } finally {
    handles.forEach((h) => h.close());
    content.close();
    if (!outcome.kept) for (const id of order.ids) await removeUpload(id);
    if (!outcome.converted) await removeConversion(order.job);
  }
  if (outcome.converted) channel.postMessage({ converted: order.job });
  if (outcome.kept) postMessage({ kept: true });
  channel.postMessage({ pending: true });
}

async function compile() {
  await import(runtimeURL);
  return WebAssembly.compileStreaming(fetchModule());
}

/** Up to here a file is digested by the browser, which needs all of it in memory. */
const DIGEST_BYTES = 256 << 20;

/**
 * A file's SHA-256 in hex, or "" if the module has to find it: the browser is ten
 * times as fast, and does it beside the rest.
 * @param {File} file @returns {Promise<string>}
 */
async function digest(file) {
  if (file.size > DIGEST_BYTES) return "";
  const sum = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return Array.from(new Uint8Array(sum), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Runs the module until the conversion has ended, one way or the other. It says
 * whether the files are written down as waiting, and their tables too.
 * @param {ConversionOrder} order @param {SyncAccessHandle[]} handles @param {TablesFile} tables
 * @param {WebAssembly.Module} module @param {string[]} sums
 */
async function run(order, handles, tables, module, sums) {
  const go = new globalThis.Go();
  /** @type {WebAssembly.Instance} */
  let instance;
  const memory = () => /** @type {WebAssembly.Memory} */ (instance.exports.mem);
  /** @type {string[]} of the manifest */
  const lines = [];
  const finish = (/** @type {string} */ text) => void lines.push(...hand(text, tables));
  const imports = { ...go.importObject, opfs: fileImports([], memory), drop: dropImports(handles, tables, finish, memory) };
  instance = await WebAssembly.instantiate(module, imports);
  /** @type {Promise<void>[]} */
  const written = [];
  /** @type {DroppedFile[]} */
  let files = [];
  let done = false;
  let failed = false;
  globalThis.retHost = Object.assign(globalThis.retHost ?? {}, {
    mode: "convert",
    job: JSON.stringify({ id: order.job, files: order.files.map((f, i) => ({ id: order.ids[i], name: f.name, sha256: sums[i] })), options: order.options, limits: order.limits, convert: order.convert }),
    log: (/** @type {string} */ text) => console.warn(text),
    files: (/** @type {string} */ text) => written.push(record(order, (files = JSON.parse(text)))),
    progress: (/** @type {string} */ text) => postMessage({ progress: JSON.parse(text) }),
    done: () => (done = true),
    failed: (/** @type {string} */ text) => {
      failed = true;
      postMessage({ failed: text, kept: written.length > 0 });
    },
  });
  await go.run(instance);
  await Promise.all(written);
  const kept = written.length > 0;
  if (!done && !failed) postMessage({ failed: kept ? later : notHere, kept });
  const converted = done && order.convert && (await keepTables(order, files, lines, tables));
  return { kept, converted };
}

/**
 * Makes the tables last until the server has them.
 * @param {ConversionOrder} order @param {DroppedFile[]} files @param {string[]} lines of the manifest
 * @param {TablesFile} tables
 */
async function keepTables(order, files, lines, tables) {
  try {
    tables.empty();
    tables.handle.flush();
    await writeManifest(order.job, [JSON.stringify({ id: order.job, options: order.options, files }), ...lines]);
    return true;
  } catch (problem) {
    postMessage({ failed: isQuota(problem) ? noRoomForTables : later, kept: true });
    return false;
  }
}

/**
 * Writes down what is to go up. Files that are converted together have one job,
 * which comes after the last of them.
 * @param {ConversionOrder} order @param {DroppedFile[]} dropped
 */
async function record(order, dropped) {
  const { ids, files, options, job, convert } = order;
  const alone = ids.length === 1;
  for (const [i, id] of ids.entries()) {
    const last = i === ids.length - 1;
    await writeRecord({
      id, name: files[i].name, size: files[i].size, sha256: dropped[i].sha256, convert: convert && alone, options, job: alone && convert ? job : undefined,
      then: convert && !alone && last ? { job, files: ids, options } : undefined,
    });
  }
}

/**
 * Tells the page of finished documents, and returns them as the manifest has them.
 * @param {string} text @param {TablesFile} tables
 */
function hand(text, tables) {
  return text.trimEnd().split("\n").map((line) => {
    const finished = /** @type {Finished} */ (JSON.parse(line));
    for (const table of finished.tables) table.extents = tables.take(table.number);
    postMessage({ finished: { files: finished.files, tables: finished.tables.map(({ id, file, rows }) => ({ id, file, rows })) } });
    return JSON.stringify(finished);
  });
}
