// What waits in this browser for the server: changes in the outbox, and files that
// were dropped. The worker that leads knows.
import { moduleURL } from "./engine-module.js";
import { keepingHere } from "./offline-upload.js";
import { asked } from "./outbox.js";
import { scriptURL, workerURL } from "./script-url.js";

const LOCK = "ret-replica";

/** How long a worker may take to start, and how often it is asked. */
const PATIENCE_MS = 10_000;
const AGAIN_MS = 100;

export class Waiting {
  constructor() {
    this.channel = new BroadcastChannel(LOCK);
    /** A worker of our own, where no other one runs. @type {Worker | null} */
    this.worker = null;
    this.end = this.end.bind(this);
    addEventListener("pagehide", this.end);
  }

  /** Stops listening, and ends the worker: it may hold files. */
  end() {
    removeEventListener("pagehide", this.end);
    this.channel.close();
    this.worker?.terminate();
    this.worker = null;
  }

  /** @returns {Promise<Waits | null>} null if nothing is kept here that could wait */
  async first() {
    for (const began = performance.now(); performance.now() - began < PATIENCE_MS; ) {
      const waits = await this.next();
      if (waits) return waits;
      if (!(await this.somebodyLeads())) break;
    }
    return null;
  }

  /** Asks once; null if nobody answers in a moment. @returns {Promise<Waits | null>} */
  async next() {
    /** @type {Promise<Waits>} */
    const answer = new Promise((resolve) => {
      this.channel.onmessage = ({ data }) => data.waits && resolve(data.waits);
    });
    this.channel.postMessage({ whatWaits: true });
    this.worker?.postMessage({ ask: { epoch: "", cursor: 0 } }); // it says how it stands
    const [waits] = await Promise.all([Promise.race([answer, after(AGAIN_MS)]), after(AGAIN_MS)]);
    return waits && { ...waits, changes: Math.max(waits.changes, asked()), uploads: [...waits.uploads, ...begun(waits.uploads)] };
  }

  /** Has what waits be sent now, not when it would be tried again. */
  hurry() {
    this.channel.postMessage({ pending: true });
  }

  /** Whether a worker will answer; where none runs and there is a copy, one is started. */
  async somebodyLeads() {
    const { held = [], pending = [] } = await navigator.locks.query();
    if ([...held, ...pending].some((lock) => lock.name === LOCK)) return true;
    if (this.worker) return true; // it is being loaded
    if (moduleURL === "" || !(await keepsCopy())) return false;
    const worker = new Worker(scriptURL(workerURL), { type: "module" });
    worker.onerror = (event) => event.preventDefault();
    this.worker = worker;
    return true;
  }
}

/** Whether this browser can keep anything that waits. */
export function canWait() {
  return "locks" in navigator && "BroadcastChannel" in window;
}

/**
 * Files that this tab is keeping at the moment, which nobody else knows yet.
 * @param {Waits["uploads"]} known @returns {Waits["uploads"]}
 */
function begun(known) {
  return keepingHere()
    .filter((id) => !known.some((u) => u.id === id))
    .map((id) => ({ id, name: "", size: 0, sent: 0 }));
}

async function keepsCopy() {
  try {
    const root = await navigator.storage.getDirectory();
    await root.getDirectoryHandle("ret");
    return true;
  } catch {
    return false;
  }
}

/** @param {number} ms @returns {Promise<null>} */
function after(ms) {
  return new Promise((resolve) => setTimeout(() => resolve(null), ms));
}
