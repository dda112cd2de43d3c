// The worker that leads: of all tabs' workers the one that has the origin's files
// and the module, keeps what waits for the network and sends it.
import { fileImports, openFiles, removeFiles } from "../both/engine-files.js";
import { destroyKey, openKey } from "../both/session-key.js";
import { keptFile, readRecords, removeUpload, sweepUploads, writeRecord } from "../both/upload-store.js";
import { Conversions } from "./conversions.js";
import { dropImports, SavedTables } from "./convert-files.js";
import { Fetches } from "./fetches.js";
import { Module } from "./module.js";
import { Uploader } from "./uploader.js";

/** The module's exit code when the origin's quota is used up. */
const NO_ROOM = 2;
const noRoom = "This browser has no room for a copy, so this page follows the server. Free some space on this computer's disk.";

/** @typedef {import("../both/channel.js").Answer} Answer */

export class Leader {
  /**
   * @param {string} name of this worker
   * @param {object} ways
   * @param {(answer: Answer) => void} ways.answer to who has asked, or to all
   * @param {(problem: unknown, sentence?: string) => void} ways.fail ends this worker: another may lead
   * @param {(erased: ErasedFor) => void} ways.stop ends it, with all that was kept
   */
  constructor(name, { answer, fail, stop }) {
    this.name = name;
    this.answer = answer;
    this.fail = fail;
    this.stop = stop;
    /** Set once the module runs, and until it ends. @type {Engine | null} */
    this.engine = null;
    /** Of files that wait; null where none can be kept. @type {Uploader | null} */
    this.uploader = null;
    /** What was converted in this browser. */
    this.conversions = new Conversions();
    /** What the module writes for people to save. */
    this.savedTables = new SavedTables();
    /** What the module asks the server for. */
    this.fetches = new Fetches((id) => answer({ type: "asking", id }));
    /** How the module stood when it last said so. @type {Standing | null} */
    this.standing = null;
    /** Why the session has ended, once the module has said so. @type {ErasedFor} */
    this.endedFor = "expired";
  }

  /** Whether questions are answered here. */
  leads() {
    return this.engine !== null;
  }

  /** Leads for as long as this worker lives, unless the session is erased. */
  async lead() {
    /** @type {import("../both/session-key.js").SessionKey | null} */
    let key = null;
    try {
      key = await openKey();
    } catch (problem) {
      if (problem instanceof DOMException && problem.name === "QuotaExceededError") return this.fail(problem, noRoom);
    }
    const handles = key ? await openFiles() : [];
    if (key && handles.length > 0) {
      this.startUploader(key.seal);
      await this.conversions.openAll(key.seal);
    }
    const module = new Module((problem) => this.fail(problem));
    const code = await module.run((memory) => this.imports(handles, memory), this.host(handles, key?.hex ?? "", module), (engine) => this.take(engine));
    this.engine = null;
    handles.forEach((h) => h.close());
    this.conversions.close();
    if (code !== 0) return this.fail(module.said(`the module ended with ${code}`), code === NO_ROOM ? noRoom : undefined);
    await destroyKey();
    await removeFiles();
    this.stop(this.endedFor);
  }

  /** Without files of the origin nothing was kept that could go up. @param {import("../both/seal.js").SealKey} key */
  startUploader(key) {
    const store = { records: () => readRecords(key), file: (/** @type {string} */ id) => keptFile(key, id), write: (/** @type {PendingUpload} */ record) => writeRecord(key, record), remove: removeUpload };
    const uploader = new Uploader(store, (report) => this.reportUploads(report));
    this.uploader = uploader;
    sweepUploads().finally(() => uploader.wake());
  }

  /** @param {SyncAccessHandle[]} handles of the replica @param {() => WebAssembly.Memory} memory */
  imports(handles, memory) {
    return { opfs: fileImports(handles, memory), drop: dropImports(this.conversions.handles, (number, bytes) => this.savedTables.write(number, bytes), () => {}, memory) };
  }

  /**
   * What the module calls.
   * @param {SyncAccessHandle[]} handles @param {string} key @param {Module} module
   * @returns {Promise<typeof retHost>}
   */
  async host(handles, key, module) {
    return {
      tell: (page, frame) => this.tell(page, frame),
      beat: () => {
        module.beat();
        this.answer({ type: "beat" });
      },
      log: (text) => module.note(text),
      drawn: (id, status, html) => this.answer({ type: "drawn", id, status, html }),
      saved: (id, name, type, problem, number) => {
        const content = this.savedTables.take(number, type);
        this.answer({ type: "saved", id, name, problem, content: problem ? undefined : content });
      },
      answered: (id, status, body) => this.answer({ type: "answered", id, status, body }),
      fetch: (question, path, then) => this.fetch(question, path, then),
      offer: () => this.offer(),
      settle: (job) => this.conversions.settle(job),
      giveUp: (uploads) => JSON.parse(uploads).forEach((/** @type {string} */ id) => this.giveUp(id)),
      rowBudget: await rowBudget(handles),
      key,
    };
  }

  /** Takes the module up, before the first page is asked for and not while it is calling. @param {Engine} engine */
  take(engine) {
    this.engine = engine;
    queueMicrotask(() => this.conversions.offer(engine));
  }

  /** @param {import("../both/channel.js").ChannelMessage} message */
  hear(message) {
    switch (message.type) {
      case "ask":
        return this.engine?.ask(message.ask);
      case "draw":
      case "save":
      case "read":
        return this.engine?.[message.type](JSON.stringify(question(message)));
      case "cancel":
        return this.fetches.cancel(message.id);
      case "converted":
        return this.takeConverted(message.job);
      case "pending":
        return this.uploader?.wake();
      case "give-up":
        return this.giveUp(message.upload);
      case "try-again":
        return this.uploader?.retry(message.upload);
      case "what-waits":
        return this.sayWhatWaits();
    }
  }

  /** This worker's own page has a network again. */
  online() {
    this.engine?.online();
    this.uploader?.wake();
  }

  /**
   * Asks the server for the module, if that still runs when the answer comes.
   * @param {string} question that waits for it, or "" @param {string} path @param {(status: number, body: string) => void} then
   */
  async fetch(question, path, then) {
    const { status, body } = await this.fetches.ask(question, path);
    if (this.engine) then(status, body);
  }

  /** @param {string} page a worker's name, or "" for all @param {string} frame */
  tell(page, frame) {
    if (frame.startsWith('{"type":"standing"')) this.noteStanding(JSON.parse(frame));
    if (frame.startsWith('{"type":"purge"')) this.endedFor = JSON.parse(frame).reason;
    this.answer({ type: "frame", page, frame, leader: this.name });
  }

  /** What waits to be uploaded goes as soon as the server is there again. @param {Standing} standing */
  noteStanding(standing) {
    const before = this.standing?.online;
    this.standing = standing;
    if (standing.online && !before) this.uploader?.wake();
  }

  /** Nobody knows what waits before the module has said how it stands. */
  async sayWhatWaits() {
    if (!this.engine || !this.standing) return;
    const { online, waiting: changes, rejected } = this.standing;
    const uploads = (await this.uploader?.list()) ?? [];
    this.answer({ type: "waits", waits: { online, changes, rejected, uploads } });
  }

  /** @param {string} job */
  async takeConverted(job) {
    await this.conversions.add(job);
    await this.offer();
  }

  /** Offers what was converted here to the module. */
  async offer() {
    if (this.conversions.open.size === 0) return;
    const waiting = (await this.uploader?.list()) ?? [];
    if (this.engine) this.conversions.offer(this.engine, waiting.map((upload) => upload.id));
  }

  /** The person does not want an upload any more. @param {string} id */
  async giveUp(id) {
    await this.uploader?.drop(id);
    this.engine?.gaveUp(id);
  }

  /** @param {UploadReport} report */
  reportUploads(report) {
    if (report.done) this.conversions.up.add(report.done);
    this.answer({ type: "uploads", report });
  }
}

/** @param {DrawQuestion} asked @returns {DrawQuestion} */
function question({ id, path }) {
  return { id, path };
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
