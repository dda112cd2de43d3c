// The worker that every tab starts. Of all tabs' workers one leads: it has the
// lock, opens the origin's files and only then loads the module. The others load
// nothing; they pass on what their page asks and what the leader says.
//
// The worker itself asks for the lock, and nothing is left to do when its tab
// ends it: the lock goes on to the next one, and what was being written is mended
// when the database is opened again.
import { Conversions } from "./conversions.js";
import { dropImports, SavedTables } from "./convert-files.js";
import { fileImports, LEADER_LOCK, openFiles, removeFiles } from "../both/engine-files.js";
import { fetchModule } from "./fetch-module.js";
import { Fetches } from "./fetches.js";
import { keptFile, readRecords, removeUpload, sweepUploads, writeRecord } from "../both/upload-store.js";
import { Uploader } from "./uploader.js";

/** What workers say to each other. */
const channel = new BroadcastChannel("ret-replica");

const name = crypto.randomUUID();

/** @type {Engine | null} set while this worker leads and the module runs */
let engine = null;

/** @type {Uploader | null} set while this worker leads */
let uploader = null;

/** When the module last showed that it is alive. */
let lastBeat = 0;

/** How long the module may be silent before it counts as stuck. */
const SILENCE_MS = 10_000;

onmessage = ({ data }) => {
  if (data.ask) ask(JSON.stringify({ ...data.ask, page: name }));
  if (data.online) engine?.online();
  if (data.draw) askFor("draw", data.draw);
  if (data.save) askFor("save", data.save);
  if (data.cancel) cancel(data.cancel);
  if (data.online) uploader?.wake();
};

channel.onmessage = (/** @type {MessageEvent<any>} */ event) => {
  const { data } = event;
  if (data.ask) engine?.ask(data.ask);
  if (data.draw) engine?.draw(JSON.stringify(data.draw));
  if (data.drawn) hearAnswer(data.drawn, data);
  if (data.asking) hearAsking(data.asking);
  if (data.cancel) fetches.cancel(data.cancel);
  if (data.save) engine?.save(JSON.stringify(data.save));
  if (data.saved) hearAnswer(data.saved, data);
  if (data.converted) takeConverted(data.converted);
  if (data.frame) hear(data.page, data.frame, data.leader);
  if (data.beat) postMessage({ beat: true });
  if (data.pending) uploader?.wake();
  if (data.giveUp) giveUp(data.giveUp);
  if (data.tryAgain) uploader?.retry(data.tryAgain);
  if (data.whatWaits) sayWhatWaits();
  if (data.erase) stop(data.erase);
};

/** @param {string} question */
function ask(question) {
  if (engine) engine.ask(question);
  else channel.postMessage({ ask: question });
}

/**
 * What this worker's tab waits for. Others ask too: tabs, and whoever sends
 * {draw: {id, path}} over the channel; they hear {drawn: id, status, html}.
 * @type {Set<string>}
 */
const questions = new Set();

/**
 * Asks the module for a page to be drawn, or a table to be saved.
 * @param {"draw" | "save"} what @param {{ id: string, path: string }} question
 */
function askFor(what, question) {
  questions.add(question.id);
  if (engine) engine[what](JSON.stringify(question));
  else channel.postMessage({ [what]: question });
}

/** @param {string} id of the question @param {object} message */
function hearAnswer(id, message) {
  if (questions.delete(id)) postMessage(message);
}

/** @param {string} id of the question @param {object} message */
function answer(id, message) {
  if (questions.has(id)) hearAnswer(id, message);
  else channel.postMessage(message);
}

/** What the module asks the server for. */
const fetches = new Fetches((question) => (questions.has(question) ? hearAsking(question) : channel.postMessage({ asking: question })));

/** The server is asked before a question can be answered, which may take long. @param {string} question */
function hearAsking(question) {
  if (questions.has(question)) postMessage({ asking: question });
}

/** Nobody waits for an answer any more. @param {string} question */
function cancel(question) {
  questions.delete(question);
  fetches.cancel(question);
  if (!engine) channel.postMessage({ cancel: question });
}

/**
 * Asks the server for the module, if that still runs when the answer comes.
 * @param {string} question that waits for it, or "" @param {string} path @param {(status: number, body: string) => void} then
 */
async function fetchFor(question, path, then) {
  const { status, body } = await fetches.ask(question, path);
  if (engine) then(status, body);
}

/** @param {string} id @param {number} status @param {string} html */
function drawn(id, status, html) {
  answer(id, { drawn: id, status, html });
}

/** What the module writes for people to save. */
const savedTables = new SavedTables();

/** @param {string} id @param {string} name @param {string} type @param {string} problem @param {number} number */
function saved(id, name, type, problem, number) {
  const content = savedTables.take(number, type);
  answer(id, problem ? { saved: id, name, problem } : { saved: id, name, problem, content });
}

/** What was converted here, while this worker leads. @type {Conversions | null} */
let conversions = null;

/** @param {string} job */
async function takeConverted(job) {
  await conversions?.add(job);
  await offer();
}

/** Offers what was converted here to the module. */
async function offer() {
  if (!conversions || conversions.open.size === 0) return;
  const waiting = (await uploader?.list()) ?? [];
  if (engine) conversions.offer(engine, waiting.map((upload) => upload.id));
}

/** The person does not want an upload any more. @param {string} id */
async function giveUp(id) {
  await uploader?.drop(id);
  engine?.gaveUp(id);
}

/** @param {UploadReport} report */
function reportUploads(report) {
  if (report.done) conversions?.up.add(report.done);
  channel.postMessage({ uploads: report });
}

/** @param {string} page a worker's name, or "" for all @param {string} frame @param {string} leader who says it */
function hear(page, frame, leader) {
  if (page === "" || page === name) postMessage({ frame, leader });
}

/** Why the session has ended, once the module has said so. @type {ErasedFor} */
let endedFor = "expired";

/** @param {string} page @param {string} frame */
function tell(page, frame) {
  noteStanding(frame);
  if (frame.startsWith('{"type":"purge"')) endedFor = JSON.parse(frame).reason;
  hear(page, frame, name);
  if (page !== name) channel.postMessage({ page, frame, leader: name });
}

/** How the module stood when it last said so. @type {Standing | null} */
let standing = null;

/**
 * What waits to be uploaded goes as soon as the server is there again.
 * @param {string} frame
 */
function noteStanding(frame) {
  if (!frame.startsWith('{"type":"standing"')) return;
  const before = standing?.online;
  standing = /** @type {Standing} */ (JSON.parse(frame));
  if (standing.online && !before) uploader?.wake();
}

/** Only the worker that leads knows what waits, once its module has said how it stands. */
async function sayWhatWaits() {
  if (!engine || !standing) return;
  const { online, waiting = 0, rejected = 0 } = standing;
  const uploads = (await uploader?.list()) ?? [];
  channel.postMessage({ waits: { online, changes: waiting, rejected, uploads } });
}

function beat() {
  lastBeat = performance.now();
  postMessage({ beat: true });
  channel.postMessage({ beat: true });
}

/**
 * Ends this worker; its page is told, and may start another unless all that is
 * kept here is to be erased.
 * @param {ErasedFor} [erased]
 */
function stop(erased) {
  postMessage({ ended: true, erased });
  close();
}

/** @type {string[]} the last lines of the module's own output */
const output = [];

/** @param {string} text */
function note(text) {
  output.push(text);
  if (output.length > 100) output.shift();
}

navigator.locks.request(LEADER_LOCK, lead).catch((problem) => fail(problem));

/** The module's exit code when the origin's quota is used up. */
const NO_ROOM = 2;
const noRoom = "This browser has no room for a copy, so this page follows the server. Free some space on this computer's disk.";

/** Leads for as long as this worker lives, unless the session is erased. */
async function lead() {
  const handles = await openFiles();
  conversions = new Conversions();
  if (handles.length > 0) {
    startUploader();
    await conversions.openAll();
  }
  const code = await run(handles, conversions.handles);
  engine = null;
  handles.forEach((h) => h.close());
  conversions.close();
  if (code !== 0) return fail(`the module ended with ${code}\n${output.join("\n")}`, code === NO_ROOM ? noRoom : undefined);
  await removeFiles();
  stop(endedFor);
}

/** Without files of the origin nothing was kept that could go up. */
function startUploader() {
  const store = { records: readRecords, file: keptFile, write: writeRecord, remove: removeUpload };
  uploader = new Uploader(store, reportUploads);
  sweepUploads().finally(() => uploader?.wake());
}

/**
 * A browser in which the module cannot run says so in its console as a warning:
 * pages go on without it.
 * @param {unknown} problem @param {string} [sentence] for the person
 */
function fail(problem, sentence) {
  console.warn("RET goes on without a copy in this browser:", problem);
  tell("", JSON.stringify({ type: "standing", ready: false, online: false, bytes: 0, rows: 0, none: true, problem: sentence }));
  stop();
}

/**
 * Runs the module and returns its exit code.
 * @param {SyncAccessHandle[]} handles of the replica @param {SyncAccessHandle[]} contents of conversions
 * @returns {Promise<number>}
 */
async function run(handles, contents) {
  const go = new globalThis.Go();
  let code = 0;
  go.exit = (/** @type {number} */ c) => (code = c);
  catchOutput();
  /** @type {WebAssembly.Instance} */
  let instance;
  const memory = () => /** @type {WebAssembly.Memory} */ (instance.exports.mem);
  const imports = { ...go.importObject, opfs: fileImports(handles, memory), drop: dropImports(contents, savedTables, () => {}, memory) };
  ({ instance } = await WebAssembly.instantiateStreaming(fetchModule(), imports));
  globalThis.retHost = {
    tell, beat, drawn, saved, offer,
    fetch: fetchFor,
    log: (/** @type {string} */ text) => note(text),
    settle: (/** @type {string} */ job) => conversions?.settle(job),
    giveUp: (/** @type {string} */ uploads) => JSON.parse(uploads).forEach(giveUp),
    rowBudget: await rowBudget(handles),
  };
  watchEngine();
  await go.run(instance);
  return code;
}

const MB = 1 << 20;
const LEAST_ROWS = 16 * MB;
const MOST_ROWS = 512 * MB;

/**
 * How many bytes of tables' rows are kept: a tenth of what the browser has room
 * for, and little where they lie in memory.
 * @param {SyncAccessHandle[]} handles
 */
async function rowBudget(handles) {
  if (handles.length === 0) return LEAST_ROWS;
  const { quota = 0, usage = 0 } = await navigator.storage.estimate();
  return Math.round(Math.min(MOST_ROWS, Math.max(LEAST_ROWS, (quota - usage) / 10)));
}

/** A panic is printed, not thrown: keep what the module prints. */
function catchOutput() {
  const decoder = new TextDecoder();
  globalThis.fs.writeSync = (/** @type {number} */ _, /** @type {Uint8Array} */ bytes) => {
    note(decoder.decode(bytes).trimEnd());
    return bytes.length;
  };
}

/**
 * Takes up the module once it runs, and gives it up if it falls silent: Go that
 * waits for itself stops without a word.
 */
function watchEngine() {
  lastBeat = performance.now();
  setInterval(() => {
    if (performance.now() - lastBeat > SILENCE_MS) fail(`no sign of life\n${output.join("\n")}`);
  }, 1000);
  Object.defineProperty(globalThis, "retEngine", {
    configurable: true,
    get: () => engine,
    set: (/** @type {Engine} */ e) => {
      engine = e;
      // Before the first page is asked for, and not while the module is calling.
      queueMicrotask(() => conversions?.offer(e));
    },
  });
}
